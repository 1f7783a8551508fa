-- spooldiff manifest, format 1: what one scan of one mail host found. One file, read-only once it has its final name.
--
-- Names and paths are BLOBs: the exact bytes, in the internal form of the store (user.alice.Sent). Digests and ids of
-- fixed length are BLOBs too: hex(md5) prints them. NULL always means "the store or the level of the scan cannot say".
-- Times: *_ms are milliseconds since 1970, *_ns nanoseconds, all others seconds. Counts and sizes are exact.

PRAGMA application_id = 1936747620; -- "spld"
PRAGMA user_version = 1;

-- One row.
CREATE TABLE manifest (
  id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 32),       -- random; a report names manifests by it
  host TEXT NOT NULL,                                         -- a label, not an identity
  instance TEXT NOT NULL CHECK (length(instance) = 64),       -- SHA-256 over machine-id, store kind and configdirectory
  role TEXT CHECK (role IN ('primary', 'replica')),
  store TEXT NOT NULL,                                        -- kind of mail store
  tool TEXT NOT NULL,                                         -- name and version of the program that wrote this
  format INTEGER NOT NULL,                                    -- equals user_version
  canon INTEGER NOT NULL,                                     -- version of the canonical forms that rollups digest
  level TEXT NOT NULL CHECK (level IN ('index', 'stat', 'quick', 'full')),
  scope TEXT NOT NULL CHECK (scope IN ('complete', 'narrowed')), -- narrowed: --include or --exclude was given
  options TEXT NOT NULL,                                      -- JSON: include, exclude, workers
  after_id TEXT,                                              -- manifest whose scan had ended before this one began
  started_at_ms INTEGER NOT NULL,
  list_read_at_ms INTEGER NOT NULL,                           -- when the mailbox list was read
  items_read_at_ms INTEGER,                                   -- when reading of items began; NULL: they were not read
  finished_at_ms INTEGER NOT NULL,
  mailboxes INTEGER NOT NULL CHECK (mailboxes >= 0),
  messages INTEGER NOT NULL CHECK (messages >= 0),
  message_bytes INTEGER NOT NULL CHECK (message_bytes >= 0),  -- by the indexes
  bytes_read INTEGER NOT NULL CHECK (bytes_read >= 0),        -- message bytes that this scan read
  bytes_carried INTEGER NOT NULL CHECK (bytes_carried >= 0),  -- message bytes whose digests an older manifest gave
  oldest_carried_at_ms INTEGER,
  root BLOB NOT NULL CHECK (length(root) = 32)                -- SHA-256 over this row and the rows of seal
) STRICT;

-- One row for each other table: how many rows it has and the digest over them.
CREATE TABLE seal (
  name TEXT NOT NULL PRIMARY KEY,
  rows INTEGER NOT NULL CHECK (rows >= 0),
  digest BLOB NOT NULL CHECK (length(digest) = 32)
) STRICT, WITHOUT ROWID;

-- A mailbox of the store's list, or a directory with an index that the list does not know.
CREATE TABLE mailbox (
  id INTEGER PRIMARY KEY,                                     -- local to this file, never compared
  name BLOB NOT NULL,
  uniqueid TEXT,
  listed INTEGER NOT NULL CHECK (listed IN (0, 1)),           -- 0: on disk, but not in the mailbox list
  status TEXT NOT NULL CHECK (status IN ('read', 'index-corrupt', 'header-corrupt', 'directory-missing', 'unreadable',
    'unstable', 'unsupported', 'not-checked')),
  found TEXT,                                                 -- why status is not 'read', for people
  read_at_ms INTEGER NOT NULL,                                -- when the accepted snapshot of the index was read
  files_mtime_ms INTEGER,                                     -- newest mtime of the files that it came from
  directory BLOB,                                             -- where the message files are
  archive_directory BLOB,                                     -- where archived message files are, if elsewhere
  -- as the mailbox list has it
  partition TEXT,
  type TEXT,                                                  -- mbtype letters without those of the host's layout
  list_uidvalidity INTEGER CHECK (list_uidvalidity BETWEEN 0 AND 4294967295),
  list_createdmodseq INTEGER CHECK (list_createdmodseq >= 0),
  foldermodseq INTEGER CHECK (foldermodseq >= 0),
  list_mtime INTEGER,                                         -- this host's clock when it last wrote the entry
  -- as the index header has it
  index_version INTEGER,
  uidvalidity INTEGER CHECK (uidvalidity BETWEEN 0 AND 4294967295),
  last_uid INTEGER CHECK (last_uid BETWEEN 0 AND 4294967295),
  highestmodseq INTEGER CHECK (highestmodseq >= 0),
  deletedmodseq INTEGER CHECK (deletedmodseq >= 0),
  createdmodseq INTEGER CHECK (createdmodseq >= 0),
  options INTEGER CHECK (options BETWEEN 0 AND 4294967295),
  recent_uid INTEGER,
  recent_time INTEGER,
  pop3_last_login INTEGER,
  pop3_show_after INTEGER,
  last_appenddate INTEGER,
  last_repack_time INTEGER,
  exists_count INTEGER CHECK (exists_count >= 0),
  unseen INTEGER CHECK (unseen >= 0),
  answered INTEGER CHECK (answered >= 0),
  flagged INTEGER CHECK (flagged >= 0),
  deleted INTEGER CHECK (deleted >= 0),
  quota_used INTEGER CHECK (quota_used >= 0),
  sync_crc_basic INTEGER,                                     -- NULL: the header says that it was never computed
  sync_crc_annot INTEGER,
  -- the same, counted from the records; what differs is the finding index-counters-wrong
  counted_exists INTEGER,
  counted_unseen INTEGER,
  counted_answered INTEGER,
  counted_flagged INTEGER,
  counted_deleted INTEGER,
  counted_quota_used INTEGER,
  counted_sync_crc_basic INTEGER,
  counted_sync_crc_annot INTEGER,                             -- NULL: there is none, or annotations could not be read
  -- as cyrus.header has it
  quota_root BLOB,
  keywords BLOB,                                              -- flag names as spelled, separated by one space
  -- totals of its message rows
  newest_update INTEGER,                                      -- highest last_updated of a live record
  file_faults INTEGER CHECK (file_faults >= 0),               -- message rows whose file is not what the index says
  guids_missing INTEGER CHECK (guids_missing >= 0),           -- rows whose GUID proves nothing; NULL: version without
  suspect INTEGER NOT NULL CHECK (suspect IN (0, 1)),         -- 1: this host's own records have a fault here, or may have
  facts BLOB NOT NULL CHECK (length(facts) = 32),             -- SHA-256 over all columns above: checked when they are used
  -- rollups: SHA-256 over canonical forms, equal exactly when what they cover is equal
  core BLOB CHECK (length(core) = 32),        -- uid, guid, size, modseq, last_updated, internaldate, flags of live records
  ext BLOB CHECK (length(ext) = 32),          -- savedate, createdmodseq, cid, basecid
  content BLOB CHECK (length(content) = 32),  -- size and digests of files; NULL when anything was unread or faulty
  meta BLOB CHECK (length(meta) = 32),        -- name, type, partition, uidvalidity, last uid, modseqs, options, ACL, session fields, …
  rows BLOB CHECK (length(rows) = 32)         -- every message and expunged row of this mailbox: its part of the seal
) STRICT;
CREATE INDEX mailbox_uniqueid ON mailbox (uniqueid);
CREATE INDEX mailbox_name ON mailbox (name);

-- Live messages: records that are not expunged, and what their files turned out to be.
CREATE TABLE message (
  mailbox INTEGER NOT NULL REFERENCES mailbox (id),
  uid INTEGER NOT NULL CHECK (uid BETWEEN 1 AND 4294967295),
  guid BLOB CHECK (length(guid) IN (12, 20)),                 -- by the index: SHA-1, or the 12 bytes of a UUID
  size INTEGER NOT NULL CHECK (size >= 0),                    -- by the index
  internaldate INTEGER NOT NULL,
  last_updated INTEGER NOT NULL,
  modseq INTEGER CHECK (modseq >= 0),
  flags BLOB NOT NULL,                                        -- lower case, in byte order, separated by one space
  savedate INTEGER,
  createdmodseq INTEGER CHECK (createdmodseq >= 0),
  cid BLOB CHECK (length(cid) = 8),
  basecid BLOB CHECK (length(basecid) = 8),
  file_problem TEXT CHECK (file_problem IN ('missing', 'not-regular', 'unreadable', 'unstable')),
  file_size INTEGER CHECK (file_size >= 0),
  md5 BLOB CHECK (length(md5) = 16),
  sha1 BLOB CHECK (length(sha1) = 20),
  xxh64 BLOB CHECK (length(xxh64) = 8),                       -- big-endian
  PRIMARY KEY (mailbox, uid)
) STRICT, WITHOUT ROWID;

-- Expunged messages whose records are still held: evidence for the judge, never compared.
CREATE TABLE expunged (
  mailbox INTEGER NOT NULL REFERENCES mailbox (id),
  uid INTEGER NOT NULL CHECK (uid BETWEEN 1 AND 4294967295),
  guid BLOB CHECK (length(guid) IN (12, 20)),
  modseq INTEGER CHECK (modseq >= 0),
  last_updated INTEGER NOT NULL,
  PRIMARY KEY (mailbox, uid)
) STRICT, WITHOUT ROWID;

-- Message files that no record accounts for.
CREATE TABLE orphan (
  mailbox INTEGER NOT NULL REFERENCES mailbox (id),
  uid INTEGER NOT NULL CHECK (uid BETWEEN 1 AND 4294967295),
  path BLOB NOT NULL,
  size INTEGER CHECK (size >= 0),
  md5 BLOB CHECK (length(md5) = 16),
  sha1 BLOB CHECK (length(sha1) = 20),
  xxh64 BLOB CHECK (length(xxh64) = 8),
  PRIMARY KEY (mailbox, uid, path)
) STRICT, WITHOUT ROWID;

-- What stat said of message files. Host-local; used by later scans of the same host only.
CREATE TABLE file_stat (
  mailbox INTEGER NOT NULL REFERENCES mailbox (id),
  uid INTEGER NOT NULL CHECK (uid BETWEEN 1 AND 4294967295),
  root INTEGER NOT NULL CHECK (root IN (0, 1)),               -- 0 spool, 1 archive
  inode BLOB NOT NULL CHECK (length(inode) = 8),              -- big-endian: does not fit a signed integer everywhere
  size INTEGER NOT NULL CHECK (size >= 0),
  mtime_ns INTEGER NOT NULL,
  ctime_ns INTEGER NOT NULL,
  read_at_ms INTEGER,                                         -- when its bytes were last read
  PRIMARY KEY (mailbox, uid)
) STRICT, WITHOUT ROWID;

-- What belongs to the server, a user, a mailbox or a message and has no message order.
--   kind                mailbox  owner             key                         value
--   acl                 yes                        identifier                  rights as stored
--   subscription                 user              name of the mailbox         empty
--   seen                yes      user who read it                              UIDs: 1:3,7
--   quota                                          quota root                  limits: MESSAGE 100 STORAGE 1000 (KiB)
--   quota-usage                                    quota root                  usage; STORAGE in bytes
--   sieve                        user              file name of the script     SHA-1 of its source, in hex
--   sieve                        user              active                      name of the active script
--   modseq-counter               user, or shared                               highest modseq of all his mailboxes
--   annotation          or none  user, or shared   entry                       value, or sha1: and its SHA-1 in hex
--   message-annotation  yes      user, or shared   UID, a space, entry         the same
CREATE TABLE item (
  kind TEXT NOT NULL CHECK (kind IN ('acl', 'subscription', 'seen', 'quota', 'quota-usage', 'sieve', 'modseq-counter',
    'annotation', 'message-annotation')),
  mailbox INTEGER REFERENCES mailbox (id),                    -- NULL: of no mailbox
  owner BLOB NOT NULL,                                        -- empty: of nobody, or shared
  key BLOB NOT NULL,
  value BLOB NOT NULL,
  mtime INTEGER,                                              -- it has not changed since
  modseq INTEGER CHECK (modseq >= 0),                         -- of an annotation or a quota root
  UNIQUE (kind, mailbox, owner, key)
) STRICT;

-- Items that could not be read, so that nothing is known of them. NULL: of every owner, key, mailbox.
CREATE TABLE item_unread (
  kind TEXT NOT NULL CHECK (kind IN ('subscription', 'seen', 'quota', 'quota-usage', 'sieve', 'annotation',
    'message-annotation')),
  mailbox INTEGER REFERENCES mailbox (id),
  owner BLOB,
  key BLOB
) STRICT;

-- Names that are no mailbox any more. renamed: a former name that the list still remembers.
CREATE TABLE tombstone (
  name BLOB NOT NULL,
  uniqueid TEXT,
  reason TEXT NOT NULL CHECK (reason IN ('deleted', 'renamed')),
  foldermodseq INTEGER CHECK (foldermodseq >= 0),
  uidvalidity INTEGER,
  mtime INTEGER
) STRICT;
CREATE INDEX tombstone_uniqueid ON tombstone (uniqueid);

-- Names in the replication logs: work that had not been done when they were read. Evidence only.
CREATE TABLE pending (
  type TEXT NOT NULL,
  name BLOB NOT NULL,
  log BLOB NOT NULL
) STRICT;

-- What could not be read, or was not what it should be.
CREATE TABLE problem (
  mailbox INTEGER REFERENCES mailbox (id),
  what TEXT NOT NULL,                                         -- message, index, header, directory, mailbox-list, items, …
  path BLOB NOT NULL,
  uid INTEGER,
  errno TEXT,
  found TEXT NOT NULL
) STRICT;
