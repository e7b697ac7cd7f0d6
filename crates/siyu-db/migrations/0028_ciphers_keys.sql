-- Private keys for what the clients of a write key encrypt.
CREATE TABLE ciphers (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL REFERENCES projects (id),
    key_id BIGINT NOT NULL REFERENCES keys (id),
    fingerprint TEXT NOT NULL,
    bits BIGINT NOT NULL,
    sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX ciphers_by_project ON ciphers (project, id);
