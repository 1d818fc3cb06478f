-- The last warning that an engineer got about the time that is left, in minutes; null again when a top-up brought more.
ALTER TABLE clusters ADD COLUMN warned_minutes integer;
