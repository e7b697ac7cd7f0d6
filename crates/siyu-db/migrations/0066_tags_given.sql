-- Values that were given to people as they stood in a result, rather than computed.
CREATE TABLE tags_given (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL REFERENCES projects (id),
    tag BIGINT NOT NULL,
    -- JSON: a text, a number, true or false.
    given TEXT NOT NULL,
    -- The numbers of the people who were given it: a Roaring bitmap, in Base64.
    numbers TEXT NOT NULL
);

CREATE INDEX tags_given_by_tag ON tags_given (project, tag, id);
