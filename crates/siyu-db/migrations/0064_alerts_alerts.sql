-- Numbers of answers that are looked at again and again, and what was found last.
CREATE TABLE alerts (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    -- JSON: the question and the cell of its answer.
    cell TEXT NOT NULL,
    -- Which number of the cell.
    measure TEXT NOT NULL,
    -- JSON: when it fires.
    rule TEXT NOT NULL,
    -- JSON: how often it is looked at.
    rhythm TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    state TEXT NOT NULL,
    -- Since when the state is what it is.
    since BIGINT NOT NULL,
    value DOUBLE PRECISION,
    compared DOUBLE PRECISION,
    -- First and last local day of what was judged.
    first_day TEXT,
    last_day TEXT,
    -- JSON: why there is no number.
    error TEXT,
    checked_at BIGINT,
    -- Absent while it is paused.
    next_at BIGINT,
    -- How often it was looked at or changed: a look notes what it found only if nothing came between.
    version BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX alerts_by_project ON alerts (project, id);

-- When the state of an alert changed, and what it had found.
CREATE TABLE alerts_changes (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL REFERENCES projects (id),
    alert BIGINT NOT NULL,
    at BIGINT NOT NULL,
    state TEXT NOT NULL,
    value DOUBLE PRECISION,
    compared DOUBLE PRECISION,
    first_day TEXT,
    last_day TEXT,
    error TEXT
);

CREATE INDEX alerts_changes_by_alert ON alerts_changes (project, alert, id);
