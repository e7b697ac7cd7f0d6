-- What is expected to arrive, and what was found when it was last looked at.
CREATE TABLE quality_rules (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL REFERENCES projects (id),
    -- empty: all
    source TEXT NOT NULL,
    event TEXT NOT NULL,
    kind TEXT NOT NULL,
    threshold BIGINT NOT NULL,
    enabled BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    observed DOUBLE PRECISION,
    expected DOUBLE PRECISION,
    checked_at BIGINT
);

CREATE INDEX quality_rules_by_project ON quality_rules (project, id);

-- Times during which an expectation was not met, as the rule was then.
CREATE TABLE quality_alerts (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL REFERENCES projects (id),
    rule BIGINT NOT NULL,
    source TEXT NOT NULL,
    event TEXT NOT NULL,
    kind TEXT NOT NULL,
    threshold BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    observed DOUBLE PRECISION,
    expected DOUBLE PRECISION
);

CREATE INDEX quality_alerts_by_project ON quality_alerts (project, id);
