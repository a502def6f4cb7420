-- The cluster, its nodes and what lets them in. Times are the database's own.
-- `mac` is made under a key that only members hold: see agent/cluster/vouch.py.

CREATE TABLE bandstand.cluster (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    id uuid NOT NULL,
    name text NOT NULL,
    root_certificate text NOT NULL,
    root_key bytea NOT NULL,
    key_version integer NOT NULL,
    key_check bytea NOT NULL,
    config_version bigint NOT NULL,
    joining_open boolean NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    mac bytea NOT NULL
);

CREATE TABLE bandstand.node (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    public_key text NOT NULL,
    key_hash text NOT NULL,
    wrap_key bytea NOT NULL,
    peer_address text NOT NULL,
    addresses text[] NOT NULL,
    certificate text NOT NULL,
    state text NOT NULL CHECK (state IN
        ('pending', 'joining', 'active', 'draining', 'removed', 'conflict', 'readmit', 'failed')),
    software text NOT NULL DEFAULT '',
    boot_facts jsonb NOT NULL DEFAULT '{}',
    admitted_at timestamptz NOT NULL DEFAULT now(),
    boot_id text NOT NULL DEFAULT '',
    heartbeat_at timestamptz,
    heartbeat_seq bigint NOT NULL DEFAULT 0,
    config_version bigint NOT NULL DEFAULT 0,
    config_digest text NOT NULL DEFAULT '',
    mac bytea NOT NULL
);
CREATE UNIQUE INDEX node_name ON bandstand.node (lower(name)) WHERE state <> 'removed';
CREATE UNIQUE INDEX node_key ON bandstand.node (key_hash) WHERE state <> 'removed';
CREATE UNIQUE INDEX node_address ON bandstand.node (peer_address) WHERE state <> 'removed';

CREATE TABLE bandstand.join_token (
    id text PRIMARY KEY,
    proof_key bytea NOT NULL,
    bound_name text,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    used_at timestamptz,
    used_by_key text,
    used_from text
);

CREATE TABLE bandstand.wrapped_key (
    key_version integer NOT NULL,
    holder text NOT NULL,
    ciphertext bytea NOT NULL,
    mac bytea NOT NULL,
    PRIMARY KEY (key_version, holder)
);

CREATE TABLE bandstand.configuration (
    version bigint PRIMARY KEY,
    document bytea NOT NULL,
    digest text NOT NULL,
    made_by uuid NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    reason text NOT NULL,
    mac bytea NOT NULL
);

CREATE TABLE bandstand.change (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    reference text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE bandstand.event (
    number bigint PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    node uuid NOT NULL,
    kind text NOT NULL,
    words text NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL,
    signature bytea NOT NULL
);

CREATE TABLE bandstand.tombstone (
    node uuid PRIMARY KEY,
    key_hash text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    mac bytea NOT NULL
);
CREATE INDEX tombstone_key ON bandstand.tombstone (key_hash);
