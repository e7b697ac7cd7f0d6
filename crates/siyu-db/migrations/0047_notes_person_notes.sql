-- What colleagues write down about a person, by the number the person had then.
CREATE TABLE person_notes (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL REFERENCES projects (id),
    person BIGINT NOT NULL,
    -- user:12 or key:3, and the name at that time
    author TEXT NOT NULL,
    author_name TEXT NOT NULL,
    text TEXT NOT NULL,
    pinned BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    -- null: never changed
    edited_at BIGINT
);

CREATE INDEX person_notes_by_person ON person_notes (project, person);
