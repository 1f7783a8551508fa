/** Whether what a state file says hangs together: damage that SQLite alone would not notice must not become an answer. */
import type { Database } from "../sqlite/database.ts";
import { refuseState } from "./state-error.ts";
import * as sql from "./statements.ts";

/**
 * Refuses a state file whose pages, indexes, ranges or references are damaged, and one whose last comparison left other
 * findings open than the file holds. The schema has been checked.
 *
 * @throws {StateFileError}
 */
export function checkSound(db: Database, path: string): void {
  const found = db.pragma("integrity_check(1)", { simple: true });
  if (found !== "ok") refuseState(path, `it is damaged (${String(found)})`);
  const [stray] = db.pragma("foreign_key_check") as { table: string }[];
  if (stray !== undefined) refuseState(path, `it is damaged (${stray.table} refers to a comparison that is not there)`);
  const { comparisons, last, measured } = db.prepare(sql.SELECT_NUMBERING).get() as Record<string, number>;
  if (comparisons !== last || comparisons !== measured) {
    refuseState(
      path,
      `it is damaged (${comparisons} comparisons, the last of them number ${last}, ${measured} measured)`,
    );
  }
  const open = db.prepare(sql.SELECT_OPEN_BY_STATE).all();
  if (JSON.stringify(open) !== JSON.stringify(db.prepare(sql.SELECT_LAST_OPEN).all())) {
    refuseState(path, "it is damaged (the findings that are open are not those that its last comparison counted)");
  }
}
