-- What became of messages after they were handed over. `delivery_sends.bounced`:
-- 0 no, 1 the address is dead, 2 it came back this time.
ALTER TABLE delivery_sends ADD COLUMN delivered_at BIGINT;

CREATE INDEX delivery_sends_by_provider ON delivery_sends (project, provider_id) WHERE provider_id IS NOT NULL;

CREATE TABLE receipts_receipts (
    send_id TEXT NOT NULL,
    -- delivered, bounced_hard, bounced_soft, complained, failed, delayed
    kind TEXT NOT NULL,
    project BIGINT NOT NULL,
    campaign BIGINT NOT NULL,
    person BIGINT NOT NULL,
    address_hash TEXT,
    reason TEXT NOT NULL,
    source TEXT NOT NULL,
    at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    -- 0 nothing to tell, 1 an event is to be written, 2 it was.
    told BIGINT NOT NULL,
    PRIMARY KEY (send_id, kind)
);

CREATE INDEX receipts_receipts_by_address ON receipts_receipts (project, address_hash, kind, at);

CREATE INDEX receipts_receipts_to_tell ON receipts_receipts (project) WHERE told = 1;

-- Receipts whose message is not known by this id yet.
CREATE TABLE receipts_waiting (
    project BIGINT NOT NULL,
    provider_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    source TEXT NOT NULL,
    at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (project, provider_id, kind)
);
