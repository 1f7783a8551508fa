-- Makes a state file of format 1 one of format 2. Never changed: each text is that of format 2's schema.

-- What a comparison had looked at; of comparisons that format 1 kept there is none.
CREATE TABLE coverage (
  comparison INTEGER PRIMARY KEY REFERENCES comparison (id),
  mailboxes INTEGER NOT NULL CHECK (mailboxes >= 0),          -- compared on both sides
  mailboxes_unchecked INTEGER NOT NULL CHECK (mailboxes_unchecked >= 0), -- could not be compared
  messages INTEGER NOT NULL CHECK (messages >= 0),            -- compared, also those that one side lacks
  primary_bytes INTEGER NOT NULL CHECK (primary_bytes BETWEEN 0 AND 9007199254740991), -- all that its manifest stands for
  primary_read INTEGER NOT NULL CHECK (primary_read BETWEEN 0 AND 9007199254740991),   -- of these, read by its scan
  primary_carried INTEGER NOT NULL CHECK (primary_carried BETWEEN 0 AND 9007199254740991), -- and by an earlier one
  primary_oldest_ms INTEGER CHECK (primary_oldest_ms BETWEEN 0 AND 253402300799999), -- oldest carried digest
  replica_bytes INTEGER NOT NULL CHECK (replica_bytes BETWEEN 0 AND 9007199254740991),
  replica_read INTEGER NOT NULL CHECK (replica_read BETWEEN 0 AND 9007199254740991),
  replica_carried INTEGER NOT NULL CHECK (replica_carried BETWEEN 0 AND 9007199254740991),
  replica_oldest_ms INTEGER CHECK (replica_oldest_ms BETWEEN 0 AND 253402300799999)
) STRICT;

CREATE INDEX finding_cleared ON finding (cleared_in) WHERE status = 'cleared';
