-- Standing keys that let in any node that has one, until they are revoked. `proof_key` is sealed.

CREATE TABLE bandstand.cluster_key (
    id text PRIMARY KEY,
    proof_key bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by uuid NOT NULL,
    revoked_at timestamptz,
    last_used_at timestamptz
);
