-- spooldiff state file, format 2: what the comparisons of one pair of mail hosts have found over time.
--
-- Names, owners, keys and paths are BLOBs: the exact bytes, in the internal form of the store; an empty one stands for
-- none. Times: *_ms are milliseconds since 1970, on the clock of the host that they speak of. A comparison that did not
-- count (its manifests were counted before, or are older than those that were) is not here at all.

PRAGMA application_id = 1936749428; -- "spst"
PRAGMA user_version = 2;

-- One row: the two hosts that this file belongs to, in no order. Either may be the primary of a comparison.
CREATE TABLE pair (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  instance_a TEXT NOT NULL CHECK (length(instance_a) = 64),   -- the smaller of the two instance ids
  instance_b TEXT NOT NULL CHECK (length(instance_b) = 64),
  host_a TEXT NOT NULL,                                       -- labels at the first comparison, for messages only
  host_b TEXT NOT NULL
) STRICT;

-- One row for each comparison that counted, in the order of the times that its manifests were read at.
CREATE TABLE comparison (
  id INTEGER PRIMARY KEY,                                     -- 1, 2, 3, …
  compared_at_ms INTEGER NOT NULL CHECK (compared_at_ms BETWEEN 0 AND 253402300799999), -- when the comparison ran
  primary_instance TEXT NOT NULL CHECK (length(primary_instance) = 64),
  primary_host TEXT NOT NULL,
  primary_manifest TEXT NOT NULL,
  primary_from_ms INTEGER NOT NULL CHECK (primary_from_ms BETWEEN 0 AND 253402300799999), -- when the scan began
  primary_to_ms INTEGER NOT NULL CHECK (primary_to_ms BETWEEN 0 AND 253402300799999),     -- and ended
  replica_instance TEXT NOT NULL CHECK (length(replica_instance) = 64),
  replica_host TEXT NOT NULL,
  replica_manifest TEXT NOT NULL,
  replica_from_ms INTEGER NOT NULL CHECK (replica_from_ms BETWEEN 0 AND 253402300799999),
  replica_to_ms INTEGER NOT NULL CHECK (replica_to_ms BETWEEN 0 AND 253402300799999),
  swapped INTEGER NOT NULL CHECK (swapped IN (0, 1)),         -- the roles are not those of the comparison before
  level TEXT NOT NULL CHECK (level IN ('index', 'stat', 'quick', 'full')), -- the lower one of the two manifests
  narrowed TEXT NOT NULL,                                     -- JSON: the globs that narrowed it
  verdict TEXT NOT NULL,
  exit_code INTEGER NOT NULL CHECK (exit_code BETWEEN 0 AND 4),
  complete INTEGER NOT NULL CHECK (complete IN (0, 1)),       -- everything in scope could be read and compared
  counts TEXT NOT NULL,                                       -- JSON: `counts` of the report's summary
  appeared INTEGER NOT NULL CHECK (appeared >= 0),            -- findings of things that had none open before
  persisting INTEGER NOT NULL CHECK (persisting >= 0),
  reopened INTEGER NOT NULL CHECK (reopened >= 0),            -- of `appeared`, things that had been cleared before
  cleared INTEGER NOT NULL CHECK (cleared >= 0),
  unexamined INTEGER NOT NULL CHECK (unexamined >= 0),        -- open findings that this comparison could not look at
  UNIQUE (primary_manifest, replica_manifest)
) STRICT;

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

-- One row for each finding, by the thing that it is about: all that are open, and those that were cleared in the last
-- 400 days; 30, where they had only been in flight.
CREATE TABLE finding (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,                                         -- mailbox, index, message, flags, file, subscription, …
  mailbox BLOB NOT NULL,                                      -- uniqueid of the mailbox, or its name
  uid INTEGER NOT NULL CHECK (uid BETWEEN 0 AND 4294967295),  -- 0: no message
  owner BLOB NOT NULL,
  key BLOB NOT NULL,
  slot INTEGER NOT NULL CHECK (slot >= 0),                    -- tells several findings of one thing apart
  name BLOB,                                                  -- name of the mailbox when it was last seen
  class TEXT NOT NULL,                                        -- as last seen, and so on to values_digest
  state TEXT NOT NULL CHECK (state IN ('damaged', 'diverged', 'in-flight', 'unproven')),
  side TEXT NOT NULL CHECK (side IN ('primary', 'replica', 'both', 'unknown')),
  cause TEXT CHECK (cause IN ('lag', 'race')),
  rule TEXT NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('index', 'stat', 'quick', 'full')),
  index_version INTEGER,                                      -- the lower one of the two indexes; NULL: no index
  values_digest BLOB NOT NULL CHECK (length(values_digest) = 16), -- of what each side had
  since INTEGER NOT NULL REFERENCES comparison (id),          -- the first comparison that saw just these values
  first_seen INTEGER NOT NULL REFERENCES comparison (id),
  opened_in INTEGER NOT NULL REFERENCES comparison (id),      -- first_seen, or when it came back after being cleared
  last_seen INTEGER NOT NULL REFERENCES comparison (id),
  runs INTEGER NOT NULL CHECK (runs >= 1),                    -- comparisons that saw it
  status TEXT NOT NULL CHECK (status IN ('open', 'unexamined', 'cleared')), -- unexamined: open, not looked at since
  cleared_in INTEGER REFERENCES comparison (id),
  UNIQUE (kind, mailbox, uid, owner, key, slot)
) STRICT;

CREATE INDEX finding_open ON finding (id) WHERE status <> 'cleared';
CREATE INDEX finding_cleared ON finding (cleared_in) WHERE status = 'cleared';

-- How far replication had come by a comparison that counted, and what was open after it: a row for the pair as a whole,
-- and one for each user. The rows of users are kept for the last 30 comparisons, the others for ever.
CREATE TABLE progress (
  whole INTEGER NOT NULL CHECK (whole IN (0, 1)),             -- 1: the pair as a whole
  comparison INTEGER NOT NULL REFERENCES comparison (id),
  owner BLOB NOT NULL,                                        -- the user; empty: shared mailboxes, or the whole pair
  mailboxes INTEGER NOT NULL CHECK (mailboxes >= 0),          -- in scope on the primary and not deleted
  primary_modseq TEXT CHECK (length(primary_modseq) BETWEEN 1 AND 40), -- sum of the HIGHESTMODSEQs of all mailboxes in
  replica_modseq TEXT CHECK (length(replica_modseq) BETWEEN 1 AND 40), -- scope, in decimal; NULL: no mailbox has one
  damaged INTEGER NOT NULL CHECK (damaged >= 0),              -- open findings by state, also those not re-examined
  diverged INTEGER NOT NULL CHECK (diverged >= 0),
  in_flight INTEGER NOT NULL CHECK (in_flight >= 0),
  unproven INTEGER NOT NULL CHECK (unproven >= 0),
  lasting INTEGER NOT NULL CHECK (lasting >= 0),              -- damaged and diverged ones open after an earlier one too
  waiting INTEGER NOT NULL CHECK (waiting >= 0),              -- those in flight that stood just so after an earlier one
  oldest_seconds INTEGER CHECK (oldest_seconds BETWEEN 0 AND 253402300799), -- age of the oldest; NULL: none has an age
  appeared INTEGER NOT NULL CHECK (appeared >= 0),
  cleared INTEGER NOT NULL CHECK (cleared >= 0),
  lag_messages INTEGER NOT NULL CHECK (lag_messages BETWEEN 0 AND 9007199254740991), -- that the primary alone had, for
  lag_bytes INTEGER NOT NULL CHECK (lag_bytes BETWEEN 0 AND 9007199254740991),       -- lack of replication
  lag_seconds INTEGER CHECK (lag_seconds BETWEEN 0 AND 253402300799), -- age of the oldest change that was not replicated
  lag_median INTEGER CHECK (lag_median BETWEEN 0 AND 253402300799),   -- of all such changes; of the whole pair only
  lag_p95 INTEGER CHECK (lag_p95 BETWEEN 0 AND 253402300799),
  PRIMARY KEY (whole, comparison, owner)
) STRICT, WITHOUT ROWID;
