-- What is declared. What has arrived is state of the pipeline, not of the database.
CREATE TABLE plan_settings (
    project BIGINT PRIMARY KEY REFERENCES projects (id),
    mode TEXT NOT NULL,
    -- goes up with every change; the pipeline ignores what is not newer
    revision BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE plan_subjects (
    project BIGINT NOT NULL REFERENCES projects (id),
    -- event, people or item
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    display_zh TEXT NOT NULL,
    display_en TEXT NOT NULL,
    description TEXT NOT NULL,
    owner TEXT NOT NULL,
    category TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (project, kind, name)
);

CREATE TABLE plan_properties (
    project BIGINT NOT NULL REFERENCES projects (id),
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    display_zh TEXT NOT NULL,
    display_en TEXT NOT NULL,
    description TEXT NOT NULL,
    -- null: any
    value_type TEXT,
    unit TEXT NOT NULL,
    required BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (project, kind, subject, name)
);
