/**
 * The rows of a table in the canonical form of `mail/canonical-digest.ts`, put together by SQLite: a row of it that
 * comes to JavaScript as values costs several times as much as all that is done with them.
 */
import type { Database } from "../sqlite/database.ts";
import { type SealedColumn, selectCanonicalRows, selectCanonicalRun, selectColumns } from "./seal-statements.ts";

/** Rows of one call. What it returns is in memory as a whole. */
const RUN = 256n;

/** The first and the last row id that there can be. */
const [FIRST_ID, LAST_ID] = [-(2n ** 63n), 2n ** 63n - 1n] as const;

/** A few rows, one after the other. */
export interface CanonicalRows {
  readonly rows: bigint;
  readonly bytes: Uint8Array;
}

/**
 * All rows of a table, in order.
 *
 * @param columns a list of columns, or `*`
 * @param order the columns that rows are in order of; those of a table with row ids are in the order of them
 */
export function* canonicalRows(
  db: Database,
  schema: "main" | "other",
  table: string,
  columns: string,
  order: string,
): Generator<CanonicalRows> {
  const described = db.prepare(selectColumns(schema, table, columns)).columns() as SealedColumn[];
  if (order === "rowid") {
    yield* runs(db, selectCanonicalRun(schema, table, described));
    return;
  }
  const rows = db
    .prepare(selectCanonicalRows(schema, table, described, order))
    .pluck()
    .iterate();
  for (const bytes of rows as Iterable<Uint8Array>) yield { rows: 1n, bytes };
}

function* runs(db: Database, sql: string): Generator<CanonicalRows> {
  const statement = db.prepare(sql).raw().safeIntegers();
  for (let from = FIRST_ID; ; ) {
    const [last, rows, bytes] = statement.get(from, RUN) as [bigint | null, bigint, Uint8Array | null];
    if (last === null || bytes === null) return;
    yield { rows, bytes };
    if (rows < RUN || last === LAST_ID) return;
    from = last + 1n;
  }
}
