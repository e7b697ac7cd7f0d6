-- One row per person and campaign: the outbox and the record of what happened.
CREATE TABLE delivery_sends (
    send_id TEXT PRIMARY KEY,
    project BIGINT NOT NULL,
    campaign BIGINT NOT NULL,
    person BIGINT NOT NULL,
    -- 0 treated, 1 control; given once.
    arm BIGINT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    attempt BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    lease TEXT,
    lease_until BIGINT NOT NULL,
    address_hash TEXT,
    rendered_hash TEXT,
    provider_id TEXT,
    error TEXT,
    -- The instant of the (virtual) send.
    decided_at BIGINT,
    finished_at BIGINT,
    bounced BIGINT NOT NULL,
    -- 0 nothing to tell, 1 an event is to be written, 2 it was.
    told BIGINT NOT NULL
);

CREATE INDEX delivery_sends_by_state ON delivery_sends (campaign, state, due_at);

CREATE INDEX delivery_sends_by_person ON delivery_sends (project, person);

CREATE INDEX delivery_sends_by_address ON delivery_sends (campaign, address_hash) WHERE address_hash IS NOT NULL;

CREATE INDEX delivery_sends_to_tell ON delivery_sends (project) WHERE told = 1;

-- What people did with a message; the first time of each kind counts.
CREATE TABLE delivery_reactions (
    send_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    project BIGINT NOT NULL,
    campaign BIGINT NOT NULL,
    person BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (send_id, kind)
);

CREATE INDEX delivery_reactions_by_campaign ON delivery_reactions (campaign, kind, person);
