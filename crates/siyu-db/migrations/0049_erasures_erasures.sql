-- People who were erased: by whom, why, what was removed where. Names nobody.
CREATE TABLE erasures (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL REFERENCES projects (id),
    -- the number it was ordered for
    person BIGINT NOT NULL,
    reason TEXT NOT NULL,
    -- the request it answers
    request BIGINT,
    -- ordered, removing, done
    state TEXT NOT NULL,
    ordered_by TEXT NOT NULL,
    ordered_by_name TEXT NOT NULL,
    ordered_at BIGINT NOT NULL,
    -- null until the order is applied: what happened by then is dropped if it arrives later
    applied_at BIGINT,
    -- JSON list of all numbers of the person
    numbers TEXT NOT NULL,
    identifiers BIGINT NOT NULL,
    -- SHA-256 over the keyed hashes of the identifiers
    digest TEXT NOT NULL,
    finished_at BIGINT
);

CREATE INDEX erasures_by_project ON erasures (project, id);

CREATE TABLE erasure_steps (
    erasure BIGINT NOT NULL REFERENCES erasures (id),
    seq BIGINT NOT NULL,
    step TEXT NOT NULL,
    -- JSON list of what and how much
    removed TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    -- null while it is not done
    finished_at BIGINT,
    PRIMARY KEY (erasure, seq)
);
