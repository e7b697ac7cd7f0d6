-- What people ask about their data, who works on it, and every step of it. Takes the
-- place of consent_requests, which knew neither who works on one nor people who exist
-- only as an address.
CREATE TABLE rights_requests (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL,
    -- null: nobody is known by the contact
    person BIGINT,
    -- Namespace and value of what the person gave to be reached by; empty if known.
    contact_kind TEXT NOT NULL,
    contact TEXT NOT NULL,
    -- access, erase, correct, explain
    kind TEXT NOT NULL,
    -- open, working, done, refused
    state TEXT NOT NULL,
    source TEXT NOT NULL,
    -- What the person, or who took it down, wrote.
    note TEXT NOT NULL,
    -- What was done, or why not; the person reads it.
    answer TEXT NOT NULL,
    -- zh or en
    language TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    -- user:12 or key:3, and the name at that time; empty: nobody
    assignee TEXT NOT NULL,
    assignee_name TEXT NOT NULL,
    verified_at BIGINT,
    verified_how TEXT NOT NULL,
    ended_at BIGINT,
    updated_at BIGINT NOT NULL,
    updated_by TEXT NOT NULL
);

CREATE INDEX rights_requests_by_project ON rights_requests (project, state, id);

CREATE INDEX rights_requests_by_person ON rights_requests (project, person, kind);

CREATE INDEX rights_requests_by_contact ON rights_requests (project, contact) WHERE contact <> '';

INSERT INTO rights_requests (id, project, person, contact_kind, contact, kind, state, source, note, answer,
        language, asked_at, due_at, assignee, assignee_name, verified_how, ended_at, updated_at, updated_by)
    SELECT id, project, person, '', '', kind, state, source, note, answer, 'zh', asked_at, due_at, '', '', '',
        CASE WHEN state IN ('done', 'refused') THEN updated_at ELSE NULL END, updated_at, updated_by
    FROM consent_requests;

DROP TABLE consent_requests;

UPDATE counters SET name = 'rights_requests' WHERE name = 'consent_requests';

-- Only ever added to.
CREATE TABLE rights_steps (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL,
    request BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- user:12, key:3, system or person
    actor TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- What was noted with it.
    text TEXT NOT NULL
);

CREATE INDEX rights_steps_by_request ON rights_steps (project, request, id);

-- Everything about one person as a file, kept for some days.
CREATE TABLE rights_copies (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL,
    person BIGINT NOT NULL,
    request BIGINT,
    language TEXT NOT NULL,
    -- making, ready, failed, removed
    state TEXT NOT NULL,
    job BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    -- What it holds: area and number of entries, as JSON.
    contents TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_by_name TEXT NOT NULL,
    -- After that the file is gone.
    expires_at BIGINT NOT NULL,
    -- Of the code by which the person fetches it; empty: not handed out.
    code_hash TEXT NOT NULL,
    -- Wrong codes since the last one was made.
    code_failures BIGINT NOT NULL,
    downloads BIGINT NOT NULL,
    fetches BIGINT NOT NULL
);

CREATE INDEX rights_copies_by_person ON rights_copies (project, person, id);

CREATE INDEX rights_copies_by_request ON rights_copies (project, request, id);
