-- What the webhooks of a write key mean, and how they are signed.
CREATE TABLE hooks (
    key_id BIGINT PRIMARY KEY REFERENCES keys (id),
    project BIGINT NOT NULL REFERENCES projects (id),
    mapping TEXT NOT NULL,
    version BIGINT NOT NULL,
    signature_header TEXT,
    signature_secret TEXT,
    answer TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX hooks_by_project ON hooks (project, key_id);
