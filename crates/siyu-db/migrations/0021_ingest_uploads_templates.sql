-- Files that are uploaded in pieces, before and between the imports made of them.
-- Their ids come from the counter of imports, whose files lay in the same folder.
CREATE TABLE import_uploads (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    -- of the last piece or import; left alone for a day it is removed
    touched_at BIGINT NOT NULL
);

-- The file; that of earlier imports has their own id.
ALTER TABLE imports ADD COLUMN upload BIGINT;

-- 1 for one that only looks
ALTER TABLE imports ADD COLUMN dry_run BIGINT NOT NULL DEFAULT 0;

-- How far it is, as JSON, to go on from after a crash.
ALTER TABLE imports ADD COLUMN position TEXT;

-- What came of it besides the numbers, as JSON.
ALTER TABLE imports ADD COLUMN outcome TEXT;

-- Mappings that somebody keeps under a name.
CREATE TABLE import_templates (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    mapping TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (project, name)
);
