-- What a lease is billed for may be more than it delivered: at least the network's minimum, when it served at all.
ALTER TABLE leases ADD COLUMN billed_seconds integer NOT NULL DEFAULT 0
  CHECK (billed_seconds BETWEEN 0 AND max_seconds);
UPDATE leases SET billed_seconds = delivered_seconds;
