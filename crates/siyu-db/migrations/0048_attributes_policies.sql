-- What holds where the identifiers of one person say different things; attributes
-- that are not listed follow the latest value.
CREATE TABLE attribute_policies (
    project BIGINT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    policy TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (project, name)
);
