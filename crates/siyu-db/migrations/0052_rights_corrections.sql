-- Why a value was corrected. The value itself stands in the log and in the profile.
CREATE TABLE rights_corrections (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL,
    person BIGINT NOT NULL,
    request BIGINT,
    -- attribute or identifier
    kind TEXT NOT NULL,
    -- The attribute, or the namespace of the identifier.
    name TEXT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    -- 0: asked for, 1: in force
    applied BIGINT NOT NULL,
    -- What taking it back needs: decision and identifiers, as JSON.
    effects TEXT NOT NULL,
    undone_at BIGINT,
    undone_by TEXT NOT NULL
);

CREATE INDEX rights_corrections_by_person ON rights_corrections (project, person, id);
