-- Files with personal values that left the system.
CREATE TABLE personal_exports (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL REFERENCES projects (id),
    -- what the file says of itself in every row
    code TEXT NOT NULL UNIQUE,
    -- orders the rows of the file; hexadecimal
    seed TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    what TEXT NOT NULL,
    title TEXT NOT NULL,
    -- null while the file is being written
    row_count BIGINT
);

CREATE INDEX personal_exports_by_project ON personal_exports (project, id);
