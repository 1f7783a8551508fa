/**
 * SQL over two manifests on one connection: `main` is the primary's, `other` the replica's. Everything that grows with
 * the spool is compared here, in the database, and not in memory.
 */
import { ITEM_COLUMNS, MESSAGE_COLUMNS } from "./statements.ts";

/** Name of the SQL function that says whether a mailbox name is in the scope of the comparison. */
export const IN_SCOPE = "in_scope";

/** A function of JavaScript costs a microsecond a row: it is asked only where something is out of scope at all. */
const inScope = (scoped: boolean, column: string) => (scoped ? `${IN_SCOPE}(${column})` : "1");

/**
 * Several directories can be of one uniqueid and only one of them listed, but hardly ever are: the index alone says
 * which are candidates.
 */
const duplicated = (schema: string) => `
  SELECT uniqueid FROM ${schema}.mailbox WHERE listed = 1 AND uniqueid IN (
    SELECT uniqueid FROM ${schema}.mailbox WHERE uniqueid IS NOT NULL GROUP BY uniqueid HAVING count(*) > 1
  ) GROUP BY uniqueid HAVING count(*) > 1`;

/** Mailboxes of which their own manifest has something to report, or may have. */
export const selectSuspects = (schema: string) =>
  // Few are: to sort them costs less than to look all up in the order of the index, which the plus keeps SQLite from.
  `SELECT id FROM ${schema}.mailbox WHERE suspect = 1 ORDER BY +name, id`;

export const countListed = (schema: string) => `SELECT count(*) FROM ${schema}.mailbox WHERE listed = 1`;

export const selectDuplicates = (schema: string) => `${duplicated(schema)} ORDER BY uniqueid`;

const pairs = (scoped: boolean) => `
  FROM main.mailbox p JOIN other.mailbox r ON r.uniqueid = p.uniqueid
  WHERE p.listed = 1 AND r.listed = 1 AND (${inScope(scoped, "p.name")} OR ${inScope(scoped, "r.name")})
    AND p.uniqueid NOT IN (${duplicated("main")}) AND p.uniqueid NOT IN (${duplicated("other")})`;

/**
 * Everything that both sides can say agrees, and neither has a fault of its own. `content` cannot be said when one of
 * the levels did not look at files.
 */
const AGREE = `(
  p.suspect = 0 AND r.suspect = 0 AND p.status = 'read' AND r.status = 'read' AND p.core = r.core AND p.ext = r.ext AND p.meta = r.meta
  AND (p.content = r.content OR NOT $content) AND $canon
)`;

export const selectDifferingPairs = (scoped: boolean) => `
  SELECT p.id, r.id ${pairs(scoped)}
    AND NOT coalesce(${AGREE}, 0)
  ORDER BY p.name, p.id`;

export const selectEqualPairs = (scoped: boolean) =>
  `SELECT p.id, r.id ${pairs(scoped)} AND ${AGREE} ORDER BY p.name, p.id`;

export const selectPairCounts = (scoped: boolean) => `
  SELECT count(*), coalesce(sum(agree), 0), coalesce(sum(agree * messages), 0) FROM (
    SELECT coalesce(${AGREE}, 0) AS agree, coalesce(p.counted_exists, 0) AS messages ${pairs(scoped)}
  )`;

/** Listed mailboxes of `one` that no uniqueid pairs with one of `another`. */
export const selectUnpaired = (one: string, another: string, scoped: boolean) => `
  SELECT m.id FROM ${one}.mailbox m
  WHERE m.listed = 1 AND ${inScope(scoped, "m.name")} AND (
    m.uniqueid IS NULL
    OR m.uniqueid NOT IN (SELECT uniqueid FROM ${another}.mailbox WHERE listed = 1 AND uniqueid IS NOT NULL)
    OR m.uniqueid IN (${duplicated(one)}) OR m.uniqueid IN (${duplicated(another)})
  ) ORDER BY m.name, m.id`;

/** The file is not the one that the GUID stands for; as `namesFile` of `mail/guid.ts`. */
const NOT_NAMED = `(length(m.guid) = 20 AND m.sha1 <> m.guid)
    OR (length(m.guid) = 12 AND substr(m.guid, 1, 1) = x'02' AND substr(m.md5, 1, 11) <> substr(m.guid, 2))`;

export const selectFaultyMessages = (schema: string) => `
  SELECT ${MESSAGE_COLUMNS.map((c) => `m.${c}`).join(", ")},
    s.root, s.inode, s.size AS stat_size, s.mtime_ns, s.ctime_ns, s.read_at_ms
  FROM ${schema}.message m LEFT JOIN ${schema}.file_stat s ON s.mailbox = m.mailbox AND s.uid = m.uid
  WHERE m.mailbox = ? AND (m.file_problem IS NOT NULL OR m.file_size <> m.size OR ${NOT_NAMED})
  ORDER BY m.uid`;

export const selectMessageWithStat = (schema: string) => `
  SELECT ${MESSAGE_COLUMNS.map((c) => `m.${c}`).join(", ")},
    s.root, s.inode, s.size AS stat_size, s.mtime_ns, s.ctime_ns, s.read_at_ms
  FROM ${schema}.message m LEFT JOIN ${schema}.file_stat s ON s.mailbox = m.mailbox AND s.uid = m.uid
  WHERE m.mailbox = ? AND m.uid = ?`;

export const selectNewestIndex = (schema: string) => `SELECT max(index_version) FROM ${schema}.mailbox`;

export const selectListedModseqs = (schema: string) =>
  `SELECT name, highestmodseq FROM ${schema}.mailbox WHERE listed = 1`;

export const selectMessage = (schema: string) =>
  `SELECT ${MESSAGE_COLUMNS.join(", ")} FROM ${schema}.message WHERE mailbox = ? AND uid = ?`;

export const selectListedByName = (schema: string) =>
  `SELECT id FROM ${schema}.mailbox WHERE listed = 1 AND name = ? ORDER BY id LIMIT 1`;

export const selectListedByUniqueId = (schema: string) =>
  `SELECT id FROM ${schema}.mailbox WHERE listed = 1 AND uniqueid = ? ORDER BY id LIMIT 1`;

/** Only mailboxes with faulty files are searched: what is wanted is the other message behind one damaged inode. */
export const selectSameInode = (schema: string) => `
  SELECT b.name, s.uid FROM ${schema}.file_stat f
    JOIN ${schema}.mailbox b ON b.file_faults > 0
    JOIN ${schema}.file_stat s ON s.mailbox = b.id AND s.inode = f.inode AND s.ctime_ns = f.ctime_ns AND s.size = f.size
  WHERE f.mailbox = ? AND f.uid = ? AND NOT (s.mailbox = f.mailbox AND s.uid = f.uid)
  ORDER BY b.name, s.uid LIMIT 20`;

/** Columns of a message that a difference is looked for in; the first is always the UID. */
export const differing = (columns: readonly string[]) => {
  const list = columns.join(", ");
  const order = columns.map((_, i) => i + 1).join(", ");
  const primary = `SELECT ${list} FROM main.message WHERE mailbox = $p`;
  const replica = `SELECT ${list} FROM other.message WHERE mailbox = $r`;
  const message = (alias: string) =>
    MESSAGE_COLUMNS.slice(1)
      .map((c) => `${alias}.${c}`)
      .join(", ");
  const expunged = (alias: string) => ["uid", "guid", "modseq", "last_updated"].map((c) => `${alias}.${c}`).join(", ");
  // ORDER BY inside the compound makes SQLite merge two sorted streams instead of filling a temporary tree.
  return `
    WITH d AS (
      SELECT uid FROM (${primary} EXCEPT ${replica} ORDER BY ${order})
      UNION SELECT uid FROM (${replica} EXCEPT ${primary} ORDER BY ${order})
    )
    SELECT d.uid, ${message("p")}, ${message("r")}, ${expunged("pe")}, ${expunged("re")}
    FROM d
      LEFT JOIN main.message p ON p.mailbox = $p AND p.uid = d.uid
      LEFT JOIN other.message r ON r.mailbox = $r AND r.uid = d.uid
      LEFT JOIN main.expunged pe ON pe.mailbox = $p AND pe.uid = d.uid
      LEFT JOIN other.expunged re ON re.mailbox = $r AND re.uid = d.uid
    ORDER BY d.uid`;
};

/**
 * Names of one user's tree: the INBOX itself, or below it. `/` is the byte after `.`. All three are BLOBs, as names are:
 * what `||` makes is text, and no text is above a BLOB.
 */
const OWNED = "(p.name = $inbox OR (p.name > $below AND p.name < $beyond))";
const SHARED = `(NOT (p.name GLOB 'user.*' OR p.name GLOB '*!user.*' OR p.name GLOB 'DELETED.*' OR p.name GLOB '*!DELETED.*'))`;

/** What the replica had brought at $before: where its files were written since, nobody can tell what was there then. */
const UNTOUCHED = "($before IS NULL OR r.files_mtime_ms < $before)";

/** Newest last_updated of records that both sides hold equal: of shared mailboxes, or of $inbox, $below and $beyond. */
export const newestEqualUpdate = (shared: boolean) => `
  SELECT max(newest) FROM (
    SELECT max(p.newest_update) AS newest FROM main.mailbox p JOIN other.mailbox r ON r.uniqueid = p.uniqueid
      WHERE ${shared ? SHARED : OWNED} AND ${UNTOUCHED} AND p.core = r.core
    UNION ALL
    SELECT max(a.last_updated) FROM main.mailbox p JOIN other.mailbox r ON r.uniqueid = p.uniqueid
      JOIN main.message a ON a.mailbox = p.id JOIN other.message b ON b.mailbox = r.id AND b.uid = a.uid
      WHERE ${shared ? SHARED : OWNED} AND ${UNTOUCHED} AND p.core IS NOT r.core AND p.uidvalidity = r.uidvalidity
        AND (a.guid = b.guid OR length(a.guid) IS NOT length(b.guid) OR a.guid IS NULL)
        AND (a.modseq = b.modseq OR a.modseq IS NULL OR b.modseq IS NULL)
        AND a.flags = b.flags AND a.last_updated = b.last_updated
  )`;

/**
 * The mailbox of `another` that mailbox `m` of `one` is paired with: by uniqueid, or by name where neither has a
 * uniqueid of its own. NULL where `m` is no mailbox; no id at all, -1, where it has no partner.
 */
const partnerOf = (one: string, another: string) => `
  CASE WHEN m.id IS NULL THEN NULL
    WHEN m.uniqueid IS NULL OR m.uniqueid IN (${duplicated(one)}) THEN coalesce((
      SELECT min(o.id) FROM ${another}.mailbox o WHERE o.listed = 1 AND o.name = m.name
        AND (o.uniqueid IS NULL OR o.uniqueid IN (${duplicated(another)}))), -1)
    ELSE coalesce((
      SELECT min(o.id) FROM ${another}.mailbox o WHERE o.listed = 1 AND o.uniqueid = m.uniqueid
        AND o.uniqueid NOT IN (${duplicated(another)})), -1) END`;

/** Items of `one` but ACLs, of server, users and listed mailboxes, each with its partner if `another` has one. */
const pairedItems = (one: string, another: string) => `
  ${one}.item i LEFT JOIN ${one}.mailbox m ON m.id = i.mailbox
  LEFT JOIN ${another}.item j ON j.kind = i.kind AND j.mailbox IS (${partnerOf(one, another)}) AND j.owner = i.owner
    AND j.key = i.key
  LEFT JOIN ${another}.mailbox n ON n.id = j.mailbox
  WHERE i.kind <> 'acl' AND (m.listed = 1 OR m.id IS NULL)`;

const itemColumns = (item: string, mailbox: string, prefix: string) =>
  ITEM_COLUMNS.map((c) => `${c === "uniqueid" || c === "name" ? mailbox : item}.${c} AS ${prefix}_${c}`).join(", ");

/** Kinds of items that belong to mailboxes, named so that the unique index over kind and mailbox serves. */
const MAILBOX_KINDS = "'seen', 'annotation', 'message-annotation'";

/** Items that are not alike: those of `main` with what `other` has instead, and those that only `other` has. */
export const selectDifferingItems = `
  SELECT * FROM (
    SELECT ${itemColumns("i", "m", "p")}, ${itemColumns("j", "n", "r")}
    FROM ${pairedItems("main", "other")} AND j.value IS NOT i.value
    UNION ALL
    SELECT ${ITEM_COLUMNS.map(() => "NULL").join(", ")}, ${itemColumns("i", "m", "r")}
    FROM ${pairedItems("other", "main")} AND j.kind IS NULL
  )
  ORDER BY coalesce(p_kind, r_kind), coalesce(p_owner, r_owner), coalesce(p_key, r_key), coalesce(p_name, r_name)`;

/** Items but ACLs of mailbox $p of `main` and mailbox $r of `other` that are not alike. */
export const selectDifferingItemsOf = `
  SELECT * FROM (
    SELECT ${itemColumns("i", "m", "p")}, ${itemColumns("j", "n", "r")}
    FROM main.item i JOIN main.mailbox m ON m.id = i.mailbox
      LEFT JOIN other.item j ON j.kind = i.kind AND j.mailbox = $r AND j.owner = i.owner AND j.key = i.key
      LEFT JOIN other.mailbox n ON n.id = j.mailbox
    WHERE i.mailbox = $p AND i.kind IN (${MAILBOX_KINDS}) AND j.value IS NOT i.value
    UNION ALL
    SELECT ${ITEM_COLUMNS.map(() => "NULL").join(", ")}, ${itemColumns("i", "m", "r")}
    FROM other.item i JOIN other.mailbox m ON m.id = i.mailbox
    WHERE i.mailbox = $r AND i.kind IN (${MAILBOX_KINDS}) AND NOT EXISTS (
      SELECT 1 FROM main.item j WHERE j.kind = i.kind AND j.mailbox = $p AND j.owner = i.owner AND j.key = i.key)
  )
  ORDER BY coalesce(p_kind, r_kind), coalesce(p_owner, r_owner), coalesce(p_key, r_key)`;

/** Messages of mailbox $one whose GUID, or whose digest, the other mailbox does not have as often. */
export const countUnmatched = (one: string, another: string, column: "guid" | "md5") => `
  SELECT coalesce(sum(max(a.n - coalesce(b.n, 0), 0)), 0) FROM
    (SELECT ${column}, count(*) AS n FROM ${one}.message WHERE mailbox = $one GROUP BY ${column}) a
    LEFT JOIN (SELECT ${column}, count(*) AS n FROM ${another}.message WHERE mailbox = $another GROUP BY ${column}) b
      ON b.${column} = a.${column}`;
