-- Who is told of an alert outside of the console, and what became of it.
-- JSON: the receivers.
ALTER TABLE alerts ADD COLUMN tell TEXT NOT NULL DEFAULT '[]';

-- One message to one receiver about one change of an alert.
CREATE TABLE alerts_tellings (
    id BIGINT PRIMARY KEY,
    project BIGINT NOT NULL REFERENCES projects (id),
    alert BIGINT NOT NULL,
    -- Of alerts_changes.
    change BIGINT NOT NULL,
    -- The same for the same alert, change and receiver.
    send_id TEXT NOT NULL,
    -- JSON: the receiver as it was then.
    receiver TEXT NOT NULL,
    -- queued, sent, failed or unknown.
    outcome TEXT NOT NULL,
    -- 1 from before the channel is called until its outcome is written down.
    calling BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    -- Why it was not sent: a code, and the words of whoever refused it.
    code TEXT,
    reason TEXT,
    -- When the outcome became what it is.
    at BIGINT NOT NULL
);

CREATE UNIQUE INDEX alerts_tellings_by_send_id ON alerts_tellings (project, send_id);

CREATE INDEX alerts_tellings_by_alert ON alerts_tellings (project, alert, id);
