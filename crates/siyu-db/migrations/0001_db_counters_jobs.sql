-- Ids and the durable job queue.
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE jobs (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL,
    kind TEXT NOT NULL,
    params TEXT NOT NULL,
    dedupe TEXT,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    cancel BIGINT NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    note TEXT NOT NULL,
    error TEXT,
    result TEXT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT
);

CREATE INDEX jobs_by_state ON jobs (state, due_at);

CREATE INDEX jobs_by_project ON jobs (project, id);

-- At most one waiting job per key.
CREATE UNIQUE INDEX jobs_by_dedupe ON jobs (project, kind, dedupe) WHERE state = 'queued';
