-- What a project decided about fields: which are personal, and of which class.
CREATE TABLE personal_fields (
    project BIGINT NOT NULL REFERENCES projects (id),
    -- attribute, identifier, property
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    -- null: it is not personal, whatever its name suggests
    class TEXT,
    sensitive BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    PRIMARY KEY (project, kind, name)
);

-- How much of a class a role sees, where that differs from what is shipped.
CREATE TABLE personal_exposures (
    project BIGINT NOT NULL REFERENCES projects (id),
    role TEXT NOT NULL,
    class TEXT NOT NULL,
    -- clear, masked, hidden
    exposure TEXT NOT NULL,
    PRIMARY KEY (project, role, class)
);

CREATE TABLE personal_settings (
    project BIGINT PRIMARY KEY REFERENCES projects (id),
    reveals_per_hour BIGINT NOT NULL,
    looks_days BIGINT NOT NULL
);
