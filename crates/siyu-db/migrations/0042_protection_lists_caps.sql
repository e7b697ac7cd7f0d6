-- The cap, what counts against it, and whom not to write to.
CREATE TABLE protection_settings (
    project BIGINT PRIMARY KEY,
    cap_messages BIGINT NOT NULL,
    cap_days BIGINT NOT NULL,
    -- Changing it locks the row: reservations of one project are made one after the other.
    turn BIGINT NOT NULL
);

CREATE TABLE protection_reservations (
    send_id TEXT PRIMARY KEY,
    project BIGINT NOT NULL,
    person BIGINT NOT NULL,
    address_hash TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE INDEX protection_reservations_by_person ON protection_reservations (project, person, at);

CREATE INDEX protection_reservations_by_address ON protection_reservations (project, address_hash, at);

CREATE TABLE protection_suppressions (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL,
    channel TEXT NOT NULL,
    -- person:<number> or address:<hash>
    target TEXT NOT NULL,
    -- Masked, to be recognised by people.
    shown TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL
);

CREATE UNIQUE INDEX protection_suppressions_by_target ON protection_suppressions (project, channel, target);
