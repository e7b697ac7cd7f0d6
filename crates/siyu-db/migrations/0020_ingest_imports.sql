-- Imported files. Their state is that of the job.
CREATE TABLE imports (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL REFERENCES projects (id),
    job BIGINT NOT NULL REFERENCES jobs (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    mapping TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    rows_read BIGINT NOT NULL,
    rows_accepted BIGINT NOT NULL,
    rows_rejected BIGINT NOT NULL,
    -- 1 once the numbers are final and the file is no longer needed
    finished BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX imports_by_project ON imports (project, id);

-- The first refused rows of an import.
CREATE TABLE import_errors (
    import BIGINT NOT NULL REFERENCES imports (id),
    seq BIGINT NOT NULL,
    row_no BIGINT NOT NULL,
    column_title TEXT,
    code TEXT NOT NULL,
    PRIMARY KEY (import, seq)
);
