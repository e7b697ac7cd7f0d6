-- A copy of somebody's data is an export like any other: the code by which it stands in
-- the register. Empty for copies from before.
ALTER TABLE rights_copies ADD COLUMN export_code TEXT NOT NULL DEFAULT '';
