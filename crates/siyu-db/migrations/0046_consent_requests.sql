-- What people ask for about their data, with the day by which they are answered.
CREATE TABLE consent_requests (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL,
    person BIGINT NOT NULL,
    -- access, erase, correct, explain
    kind TEXT NOT NULL,
    -- open, working, done, refused
    state TEXT NOT NULL,
    source TEXT NOT NULL,
    -- What the person, or who took it down, wrote.
    note TEXT NOT NULL,
    -- What was done, or why not.
    answer TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by TEXT NOT NULL
);

CREATE INDEX consent_requests_by_project ON consent_requests (project, state, id);

CREATE INDEX consent_requests_by_person ON consent_requests (project, person, kind);
