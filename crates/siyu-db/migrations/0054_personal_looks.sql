-- Who looked at whom.
CREATE TABLE personal_looks (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL REFERENCES projects (id),
    at BIGINT NOT NULL,
    -- user:12 or key:3, and the name at that time
    actor TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    -- opened, listed, revealed, exported
    what TEXT NOT NULL,
    -- the number the person had then; null: several, in people
    person BIGINT,
    -- numbers between commas, empty for one
    people TEXT NOT NULL,
    -- of a page its parts, of a reveal the field, of a list where
    detail TEXT NOT NULL,
    -- why somebody wanted to see a value
    reason TEXT NOT NULL,
    -- whether every personal value was seen in the clear
    clear BIGINT NOT NULL,
    times BIGINT NOT NULL
);

CREATE INDEX personal_looks_by_person ON personal_looks (project, person, id);
CREATE INDEX personal_looks_by_actor ON personal_looks (project, actor, at);
CREATE INDEX personal_looks_by_time ON personal_looks (project, at);
