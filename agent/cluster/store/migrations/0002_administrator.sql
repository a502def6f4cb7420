-- Who may look after the cluster in the portal. `password` is a hash; `mac` as in 0001.

CREATE TABLE bandstand.administrator (
    name text PRIMARY KEY CHECK (name = lower(name)),
    password text NOT NULL,
    made_by uuid NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    mac bytea NOT NULL
);
