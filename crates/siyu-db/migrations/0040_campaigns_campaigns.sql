-- Campaigns, their frozen audience, and the settings of channels.
CREATE TABLE campaigns (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    channel TEXT NOT NULL,
    segment BIGINT,
    content TEXT NOT NULL,
    control_percent DOUBLE PRECISION NOT NULL,
    goal TEXT,
    chosen BIGINT NOT NULL,
    -- Members are turned into sends in ascending order; this many are done.
    expanded BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT
);

CREATE INDEX campaigns_by_project ON campaigns (project, id);

CREATE INDEX campaigns_by_state ON campaigns (state);

-- Base64 of a portable Roaring bitmap of person numbers.
CREATE TABLE campaign_audiences (
    campaign BIGINT PRIMARY KEY,
    members TEXT NOT NULL
);

CREATE TABLE channel_settings (
    project BIGINT NOT NULL,
    channel TEXT NOT NULL,
    settings TEXT NOT NULL,
    version BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (project, channel)
);

-- Secrets made by the machine itself, such as the key of tracking links.
CREATE TABLE engage_secrets (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
