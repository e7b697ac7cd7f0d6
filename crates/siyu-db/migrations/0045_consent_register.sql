-- What people are asked for, with which text; proof of each statement; what a campaign serves.
CREATE TABLE consent_purposes (
    project BIGINT NOT NULL,
    id TEXT NOT NULL,
    -- Names, descriptions, kind, what silence means: JSON of the purpose.
    definition TEXT NOT NULL,
    -- Of the text that is shown now.
    version BIGINT NOT NULL,
    -- Grants of earlier texts no longer hold.
    renew_from BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (project, id)
);

CREATE TABLE consent_texts (
    project BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    version BIGINT NOT NULL,
    text_zh TEXT NOT NULL,
    text_en TEXT NOT NULL,
    renews BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (project, purpose, version)
);

CREATE TABLE consent_settings (
    project BIGINT PRIMARY KEY,
    -- The attribute that tells who is a minor; absent: nobody is known to be.
    minor_attribute TEXT,
    -- birthday or flag
    minor_kind TEXT
);

-- Columns that older rows do not have are empty there.
ALTER TABLE consent_ledger ADD COLUMN version BIGINT;

-- checkbox, link, verbal, paper, import, program, staff
ALTER TABLE consent_ledger ADD COLUMN how TEXT NOT NULL DEFAULT '';

ALTER TABLE consent_ledger ADD COLUMN recorded_at BIGINT;

-- The message, form or person that shows it.
ALTER TABLE consent_ledger ADD COLUMN evidence TEXT NOT NULL DEFAULT '';

-- Masked.
ALTER TABLE consent_ledger ADD COLUMN identifier TEXT NOT NULL DEFAULT '';

ALTER TABLE consent_ledger ADD COLUMN actor TEXT NOT NULL DEFAULT '';

-- The same statement said again has the effect of once.
ALTER TABLE consent_ledger ADD COLUMN said_key TEXT;

CREATE UNIQUE INDEX consent_ledger_by_key ON consent_ledger (project, said_key) WHERE said_key IS NOT NULL;

ALTER TABLE consent_current ADD COLUMN version BIGINT;

-- The statement in the ledger that made it so.
ALTER TABLE consent_current ADD COLUMN entry BIGINT;

ALTER TABLE campaigns ADD COLUMN purpose TEXT NOT NULL DEFAULT 'marketing';

-- 1: decides about people by what was computed of them.
ALTER TABLE campaigns ADD COLUMN automated BIGINT NOT NULL DEFAULT 0;
