-- Saved SQL statements with their parameters and how their results are drawn.
CREATE TABLE sql_queries (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    statement TEXT NOT NULL,
    -- JSON: name, kind and default of each.
    params TEXT NOT NULL,
    -- JSON.
    view TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX sql_queries_by_name ON sql_queries (project, name);
