-- Who works here, for which projects, with which keys; what they did; what people consented to.
CREATE TABLE projects (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    zone TEXT NOT NULL,
    currency TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE accounts_users (
    id BIGINT PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    locale TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    active BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Addresses are kept in lower case.
CREATE UNIQUE INDEX accounts_users_by_email ON accounts_users (email);

CREATE TABLE accounts_members (
    project BIGINT NOT NULL REFERENCES projects (id),
    user_id BIGINT NOT NULL REFERENCES accounts_users (id),
    role TEXT NOT NULL,
    PRIMARY KEY (project, user_id)
);

CREATE INDEX accounts_members_by_user ON accounts_members (user_id, project);

CREATE TABLE accounts_sessions (
    token_hash TEXT PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES accounts_users (id),
    csrf TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);

CREATE INDEX accounts_sessions_by_user ON accounts_sessions (user_id);

CREATE TABLE keys (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL REFERENCES projects (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT,
    secret_hash TEXT NOT NULL,
    hint TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);

CREATE UNIQUE INDEX keys_by_secret ON keys (secret_hash);

CREATE INDEX keys_by_project ON keys (project, id);

CREATE TABLE audit (
    project BIGINT NOT NULL REFERENCES projects (id),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (project, seq)
);

-- Every statement of a person, as it was made.
CREATE TABLE consent_ledger (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL REFERENCES projects (id),
    person BIGINT NOT NULL,
    channel TEXT NOT NULL,
    purpose TEXT NOT NULL,
    state TEXT NOT NULL,
    source TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE INDEX consent_ledger_by_person ON consent_ledger (project, person, id);

-- What holds now: the newest statement per person, channel and purpose.
CREATE TABLE consent_current (
    project BIGINT NOT NULL REFERENCES projects (id),
    channel TEXT NOT NULL,
    purpose TEXT NOT NULL,
    person BIGINT NOT NULL,
    state TEXT NOT NULL,
    source TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (project, channel, purpose, person)
);

CREATE INDEX consent_current_by_person ON consent_current (project, person);
