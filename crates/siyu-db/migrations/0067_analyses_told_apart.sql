-- The instant as of which people are told apart in a saved analysis; absent for now.
ALTER TABLE analyses ADD COLUMN told_apart BIGINT;
