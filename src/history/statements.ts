/** Every SQL statement that reads or writes a state file, by name. */

export const SELECT_PAIR = "SELECT instance_a, instance_b, host_a, host_b FROM pair";

export const INSERT_PAIR = "INSERT INTO pair (one, instance_a, instance_b, host_a, host_b) VALUES (1, ?, ?, ?, ?)";

/** The comparison of two manifests, whichever was the primary's. */
export const SELECT_COMPARISON_OF = `SELECT id FROM comparison
  WHERE (primary_manifest = @a AND replica_manifest = @b) OR (primary_manifest = @b AND replica_manifest = @a)`;

const TIMES = `id, primary_instance, primary_manifest, primary_to_ms, replica_manifest, replica_to_ms`;

export const SELECT_FIRST_COMPARISON = `SELECT ${TIMES} FROM comparison ORDER BY id LIMIT 1`;

export const SELECT_LAST_COMPARISON = `SELECT ${TIMES} FROM comparison ORDER BY id DESC LIMIT 1`;

export const SELECT_LAST_COMPLETE = `SELECT max(primary_to_ms, replica_to_ms) AS read_ms FROM comparison
  WHERE complete = 1 ORDER BY id DESC LIMIT 1`;

/** Columns of `comparison` in the order of {@link INSERT_COMPARISON}'s parameters. */
const COMPARISON_COLUMNS = [
  "id",
  "compared_at_ms",
  "primary_instance",
  "primary_host",
  "primary_manifest",
  "primary_from_ms",
  "primary_to_ms",
  "replica_instance",
  "replica_host",
  "replica_manifest",
  "replica_from_ms",
  "replica_to_ms",
  "swapped",
  "level",
  "narrowed",
  "verdict",
  "exit_code",
  "complete",
  "counts",
  "appeared",
  "persisting",
  "reopened",
  "cleared",
  "unexamined",
] as const;

export const INSERT_COMPARISON = `INSERT INTO comparison (${COMPARISON_COLUMNS.join(", ")})
  VALUES (${COMPARISON_COLUMNS.map((column) => `@${column}`).join(", ")})`;

/** Set when the findings have been counted, since findings refer to their comparison. */
export const UPDATE_TOTALS = `UPDATE comparison SET appeared = @appeared, persisting = @persisting,
  reopened = @reopened, cleared = @cleared, unexamined = @unexamined WHERE id = @id`;

/**
 * Since which comparison finding `f` stands as it is: a message, file or mailbox since it was opened; what changes all
 * the time on a busy host, as flags do, since the sides have had just these values.
 */
const STANDS_SINCE = `CASE WHEN f.state = 'in-flight' AND f.kind NOT IN ('message', 'file', 'mailbox')
    THEN f.since ELSE f.opened_in END`;

const OF_THING = "kind = @kind AND mailbox = @mailbox AND uid = @uid AND owner = @owner AND key = @key";

export const SELECT_FINDINGS_OF = `SELECT id, slot, class, side, state, cause, rule, values_digest, status, last_seen
  FROM finding WHERE ${OF_THING} ORDER BY slot`;

export const SELECT_AGES_OF = `SELECT f.class, f.side, f.runs, f.opened_in = f.last_seen AS opened,
    f.last_seen - (${STANDS_SINCE}) + 1 AS standing,
    max(c.primary_to_ms, c.replica_to_ms) AS first_ms
  FROM finding f JOIN comparison c ON c.id = f.first_seen WHERE ${OF_THING} AND f.status <> 'cleared' ORDER BY f.slot`;

export const SELECT_SIGHTING = `SELECT f.class, f.cause, f.side, f.rule, c.primary_to_ms, c.replica_to_ms
  FROM finding f JOIN comparison c ON c.id = f.since
  WHERE ${OF_THING} AND f.status <> 'cleared' AND f.values_digest = @values AND c.primary_instance = @primary
  ORDER BY f.slot LIMIT 1`;

export const INSERT_FINDING = `INSERT INTO finding (kind, mailbox, uid, owner, key, slot, name, class, state, side,
    cause, rule, level, index_version, values_digest, since, first_seen, opened_in, last_seen, runs, status)
  VALUES (@kind, @mailbox, @uid, @owner, @key, @slot, @name, @class, @state, @side,
    @cause, @rule, @level, @index_version, @values, @now, @now, @now, @now, 1, 'open')`;

export const UPDATE_FINDING = `UPDATE finding SET name = @name, class = @class, state = @state, side = @side,
    cause = @cause, rule = @rule, level = @level, index_version = @index_version, values_digest = @values,
    since = CASE WHEN @unchanged THEN since ELSE @now END,
    opened_in = CASE WHEN status = 'cleared' THEN @now ELSE opened_in END,
    last_seen = @now, runs = runs + 1, status = 'open', cleared_in = NULL
  WHERE id = @id`;

/** Open findings that the present comparison has not made, a few at a time. */
export const SELECT_NOT_SEEN = `SELECT id, kind, mailbox, uid, owner, key, name, class, level, index_version
  FROM finding WHERE status <> 'cleared' AND last_seen < @now AND id > @after ORDER BY id LIMIT @limit`;

/**
 * What is open now, with the time that its age is counted from where nothing else tells it: of what is in flight, since
 * the sides have had just these values. An index that changes all the time has another lag each night, not an old one.
 */
export const SELECT_OPEN = `SELECT f.name, f.owner, f.key, f.state, f.opened_in, ${STANDS_SINCE} AS stands_since,
    max(c.primary_to_ms, c.replica_to_ms) AS opened_ms
  FROM finding f JOIN comparison c ON c.id = CASE WHEN f.state = 'in-flight' THEN f.since ELSE f.opened_in END
  WHERE f.status <> 'cleared'`;

export const INSERT_COVERAGE = `INSERT INTO coverage (comparison, mailboxes, mailboxes_unchecked, messages,
    primary_bytes, primary_read, primary_carried, primary_oldest_ms,
    replica_bytes, replica_read, replica_carried, replica_oldest_ms)
  VALUES (@comparison, @mailboxes, @mailboxes_unchecked, @messages,
    @primary_bytes, @primary_read, @primary_carried, @primary_oldest_ms,
    @replica_bytes, @replica_read, @replica_carried, @replica_oldest_ms)`;

/** The last comparison whose hosts had both been read before a time; null: there is none. */
export const SELECT_LAST_BEFORE = `SELECT max(id) AS id FROM comparison
  WHERE max(primary_to_ms, replica_to_ms) < ?`;

/** Findings of all states, or of one, that a comparison up to this one has cleared. */
export const DELETE_CLEARED = `DELETE FROM finding
  WHERE status = 'cleared' AND cleared_in <= @comparison AND (@state IS NULL OR state = @state)`;

/** How many comparisons there are, the number of the last, and how many have a row for the pair as a whole. */
export const SELECT_NUMBERING = `SELECT count(*) AS comparisons, ifnull(max(id), 0) AS last,
    (SELECT count(*) FROM progress WHERE whole = 1 AND owner = x'') AS measured
  FROM comparison`;

/** Open findings by state: as they stand, and as the last comparison counted them. */
export const SELECT_OPEN_BY_STATE = `SELECT sum(state = 'damaged') AS damaged, sum(state = 'diverged') AS diverged,
    sum(state = 'in-flight') AS in_flight, sum(state = 'unproven') AS unproven
  FROM finding WHERE status <> 'cleared' HAVING count(*) > 0`;

export const SELECT_LAST_OPEN = `SELECT damaged, diverged, in_flight, unproven FROM progress
  WHERE whole = 1 AND comparison = (SELECT max(id) FROM comparison) AND damaged + diverged + in_flight + unproven > 0`;

/** Columns of `progress`, in the order of the schema. */
const PROGRESS_COLUMNS = [
  "whole",
  "comparison",
  "owner",
  "mailboxes",
  "primary_modseq",
  "replica_modseq",
  "damaged",
  "diverged",
  "in_flight",
  "unproven",
  "lasting",
  "waiting",
  "oldest_seconds",
  "appeared",
  "cleared",
  "lag_messages",
  "lag_bytes",
  "lag_seconds",
  "lag_median",
  "lag_p95",
] as const;

export const INSERT_PROGRESS = `INSERT INTO progress (${PROGRESS_COLUMNS.join(", ")})
  VALUES (${PROGRESS_COLUMNS.map((column) => `@${column}`).join(", ")})`;

export const DELETE_OLD_PROGRESS = "DELETE FROM progress WHERE whole = 0 AND comparison <= ?";

/** The last comparisons with the progress of the pair; those of users come in {@link SELECT_USER_PROGRESS}. */
export const SELECT_SERIES = `SELECT c.id, max(c.primary_to_ms, c.replica_to_ms) AS read_ms, c.primary_host,
    c.replica_host, c.swapped, c.level, c.narrowed, c.verdict, c.complete, c.unexamined,
    ifnull(CASE WHEN json_valid(c.counts) THEN json_extract(c.counts, '$.accepted') END, 0) AS accepted,
    v.mailboxes AS compared, v.mailboxes_unchecked, v.messages, v.primary_bytes, v.primary_read, v.primary_carried,
    v.primary_oldest_ms, v.replica_bytes, v.replica_read, v.replica_carried, v.replica_oldest_ms,
    ${PROGRESS_COLUMNS.map((column) => `p.${column}`).join(", ")}
  FROM comparison c JOIN progress p ON p.whole = 1 AND p.comparison = c.id AND p.owner = x''
  LEFT JOIN coverage v ON v.comparison = c.id
  WHERE c.id > (SELECT max(id) FROM comparison) - ? ORDER BY c.id`;

export const SELECT_USER_PROGRESS = `SELECT ${PROGRESS_COLUMNS.join(", ")}
  FROM progress WHERE whole = 0 ORDER BY comparison, owner`;

/** Open findings by what they are, and how many of them stand since at least @persist comparisons. */
export const SELECT_STANDING = `SELECT state, class, rule, count(*) AS findings,
    sum(last_seen - (${STANDS_SINCE}) + 1 >= @persist) AS lasting
  FROM finding f WHERE status <> 'cleared' GROUP BY state, class, rule ORDER BY state, class, rule LIMIT 10000`;

export const CLEAR_FINDING = "UPDATE finding SET status = 'cleared', cleared_in = @now WHERE id = @id";

export const LEAVE_FINDING = "UPDATE finding SET status = 'unexamined' WHERE id = @id";
