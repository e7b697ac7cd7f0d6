-- Saved analyses: a named question.
CREATE TABLE analyses (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    query TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX analyses_by_name ON analyses (project, name);
