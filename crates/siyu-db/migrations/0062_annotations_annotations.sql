-- What happened on a day, as charts over time say it.
CREATE TABLE annotations (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL,
    -- A local day of the project, 2026-11-11.
    day TEXT NOT NULL,
    note TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX annotations_by_day ON annotations (project, day);
