-- Tags: definitions and what their last computation found.
CREATE TABLE tags (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL,
    name TEXT NOT NULL,
    display TEXT NOT NULL,
    description TEXT NOT NULL,
    directory TEXT NOT NULL,
    definition TEXT NOT NULL,
    state TEXT NOT NULL,
    computed_at BIGINT,
    coverage BIGINT NOT NULL,
    distribution TEXT NOT NULL,
    error TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX tags_by_name ON tags (project, name);
