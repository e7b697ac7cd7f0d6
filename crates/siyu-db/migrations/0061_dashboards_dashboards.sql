-- Dashboards: answers side by side.
CREATE TABLE dashboards (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    -- JSON: tiles in their order.
    tiles TEXT NOT NULL,
    -- JSON: the days that take the place of those of the tiles; absent if each keeps its own.
    days TEXT,
    -- The segment that takes the place of those of the tiles.
    segment BIGINT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX dashboards_by_name ON dashboards (project, name);
