-- Segments: a condition, or for snapshots also the numbers it held for.
CREATE TABLE segments (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    kind TEXT NOT NULL,
    condition TEXT NOT NULL,
    members TEXT,
    people BIGINT NOT NULL,
    computed_at BIGINT,
    history TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX segments_by_name ON segments (project, name);
