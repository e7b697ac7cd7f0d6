-- What is declared of types of items; types that are not listed are used as they come.
CREATE TABLE item_types (
    project BIGINT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    display TEXT NOT NULL,
    description TEXT NOT NULL,
    -- the property of events that holds ids of its items
    property TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (project, name)
);
