-- The erasure for which the detail of a row was taken out, and its hash left as it was.
ALTER TABLE audit ADD COLUMN erasure BIGINT;
