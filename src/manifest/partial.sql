-- What an unfinished manifest (OUT.partial) has beside the tables of schema.sql, so that a later run can go on with it.
-- It is dropped before the manifest is sealed.

-- One row: the scan that the file belongs to.
CREATE TABLE begun (
  terms TEXT NOT NULL,                                        -- JSON: what a run has to be told the same to go on
  started_at_ms INTEGER NOT NULL,                             -- when the first run began
  runs INTEGER NOT NULL CHECK (runs >= 1)                     -- runs that had a part in it
) STRICT;

-- Mailboxes that are done: each comes with its rows in one transaction.
CREATE TABLE done (
  mailbox INTEGER PRIMARY KEY REFERENCES mailbox (id),
  trace BLOB CHECK (length(trace) = 32),                      -- of its files before they were read; NULL: to be read again
  messages INTEGER NOT NULL CHECK (messages >= 0),
  expunged INTEGER NOT NULL CHECK (expunged >= 0),
  message_bytes INTEGER NOT NULL CHECK (message_bytes >= 0),
  bytes_read INTEGER NOT NULL CHECK (bytes_read >= 0),
  files_read INTEGER NOT NULL CHECK (files_read >= 0),
  problems INTEGER NOT NULL CHECK (problems >= 0),
  stats INTEGER NOT NULL CHECK (stats >= 0),                  -- rows of file_stat
  stat_digest BLOB NOT NULL CHECK (length(stat_digest) = 32), -- its part of the seal of file_stat
  proof BLOB NOT NULL CHECK (length(proof) = 32)              -- SHA-256 over this row, its mailbox row and the rows of small tables
) STRICT;
