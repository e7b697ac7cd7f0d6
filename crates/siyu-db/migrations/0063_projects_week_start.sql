-- On which day weeks begin in new questions: monday or sunday
ALTER TABLE projects ADD COLUMN week_start TEXT NOT NULL DEFAULT 'monday';
