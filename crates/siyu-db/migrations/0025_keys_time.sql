-- 1 if the times a write key sends are taken as they stand
ALTER TABLE keys ADD COLUMN trust_time BIGINT NOT NULL DEFAULT 0;

-- Records of a write key older than this are held back; absent is the default
ALTER TABLE keys ADD COLUMN oldest_days BIGINT;

-- How long a record is known again when it is sent a second time
ALTER TABLE projects ADD COLUMN dedupe_hours BIGINT NOT NULL DEFAULT 48;
