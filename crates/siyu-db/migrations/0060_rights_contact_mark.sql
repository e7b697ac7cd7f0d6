-- A contact that is kept sealed is found by a keyed hash of it.
ALTER TABLE rights_requests ADD COLUMN contact_mark TEXT NOT NULL DEFAULT '';
CREATE INDEX rights_requests_by_contact_mark ON rights_requests (project, contact_mark) WHERE contact_mark <> '';
