import { errnoOf, foundBy, isDenied, SpooldiffError } from "../errors.ts";
import { sqliteCode } from "../sqlite/database.ts";

/** A state file cannot be used: it is damaged, foreign, of another pair, or in use. It is left as it was. */
export class StateFileError extends SpooldiffError {
  constructor(message: string, options: { hint: string; cause?: unknown }) {
    super("state-file", message, options);
  }
}

/** Runs `use`, turning what SQLite or the system says of the state file `path` into one error that names it. */
export function guardState<T>(path: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    const code = sqliteCode(error) ?? errnoOf(error);
    if (code === null) throw error;
    throw failureOf(path, code, error as Error);
  }
}

const START_ANEW = "Move the file away to start a new history; spooldiff does not repair it";

function failureOf(path: string, code: string, cause: Error): StateFileError {
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) {
    return new StateFileError(`Cannot use the state file "${path}": another comparison is using it`, {
      hint: "Wait until that one has ended, then run the command again",
      cause,
    });
  }
  if (code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CONSTRAINT")) {
    return new StateFileError(`Cannot use the state file "${path}": it is damaged (${cause.message})`, {
      hint: START_ANEW,
      cause,
    });
  }
  if (
    code === "SQLITE_READONLY_ROLLBACK" ||
    code === "SQLITE_READONLY_RECOVERY" ||
    code === "SQLITE_READONLY_CANTLOCK"
  ) {
    return new StateFileError(`Cannot use the state file "${path}": a comparison was interrupted while it wrote`, {
      hint: "The next comparison with --state undoes that; it needs to write the file",
      cause,
    });
  }
  if (isDenied(code) || code === "SQLITE_CANTOPEN") {
    return new StateFileError(`Cannot use the state file "${path}": ${foundBy(cause)}`, {
      hint: "Run the command as the user whose comparisons made it, or give this one the right to it and its directory",
      cause,
    });
  }
  const found = code === "SQLITE_FULL" ? "the disk is full" : foundBy(cause);
  return new StateFileError(`Cannot use the state file "${path}": ${found}`, {
    hint: "Check that the file and its directory can be written, and that the disk has room",
    cause,
  });
}

/** Refuses a file that is no state file of this program, or not one that it can use. */
export function refuseState(path: string, found: string, hint: string = START_ANEW): never {
  throw new StateFileError(`Cannot use the state file "${path}": ${found}`, { hint });
}
