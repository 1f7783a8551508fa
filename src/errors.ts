/** The exit codes of every command. `README.md`, the help texts and the tests take them from here. */
export const ExitCode = {
  /** The work was done; for `compare`: everything in the printed scope agrees. */
  ok: 0,
  /** Variance that replication will not heal. Nothing else, ever. */
  variance: 1,
  /** The command could not do its work: usage, input, environment, bug. */
  failed: 2,
  /** Finished, nothing worse found, but something could not be read or compared. */
  incomplete: 3,
  /** Only in-flight variance: the replica lags. */
  lagging: 4,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** One line for each exit code, in order, for help texts. */
export const EXIT_CODE_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [ExitCode.ok, "done; compare: everything in the printed scope agrees, or was accepted"],
  [ExitCode.variance, "variance that replication will not heal (diverged, damaged, stalled)"],
  [ExitCode.failed, "could not do its work (usage, input, environment)"],
  [ExitCode.incomplete, "finished, but something could not be read or compared"],
  [ExitCode.lagging, "only in-flight variance: the replica lags"],
];

/**
 * A failure that ends a command. `message` says what could not be done and what was found; `hint` names the next
 * step, which the subclasses for what people can mend demand. They fix the `code`, which scripts may match on.
 */
export class SpooldiffError extends Error {
  readonly code: string;
  readonly hint: string | null;

  constructor(code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint ?? null;
  }
}

/** Wrong options or arguments. */
export class UsageError extends SpooldiffError {
  constructor(message: string, hint: string) {
    super("usage", message, { hint });
  }
}

/** The mail store's configuration cannot be read or names nothing that could be scanned. */
export class ConfigurationError extends SpooldiffError {
  constructor(message: string, options: { hint: string; cause?: unknown }) {
    super("configuration", message, options);
  }
}

/**
 * A file of the mail store does not follow its own format. Every decoder under `store/` throws this and nothing else,
 * whatever the bytes are.
 */
export class CorruptStoreError extends SpooldiffError {
  /** Byte string of the file that was decoded. */
  readonly path: string;
  /** Byte offset of what was found, or null if no single offset is to blame. */
  readonly offset: number | null;
  /** The bare finding, without path and offset, for reports that print those themselves. */
  readonly found: string;

  constructor(path: string, found: string, offset: number | null = null) {
    const where = offset === null ? "" : ` at byte ${offset}`;
    super("corrupt-store", `Cannot read "${path}"${where}: ${found}`, {
      hint: "If it stays so at a second try, mend or restore this file of the mail store, then scan again",
    });
    this.path = path;
    this.offset = offset;
    this.found = found;
  }
}

/** A manifest cannot be written, or cannot be trusted. */
export class ManifestError extends SpooldiffError {
  constructor(message: string, options: { hint: string; cause?: unknown }) {
    super("manifest", message, options);
  }
}

/** The `code` of a failed system call (`ENOENT`, …), or null if `error` is none. */
export function errnoOf(error: unknown): string | null {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code) && !code.startsWith("ERR_") ? code : null;
}

/** What to do about a file that this user may not read: to copy it again would change nothing. */
export const MAY_NOT_READ = "Run the command as a user who may read it, or give this one the right to";

/** True for an `errno` that is about the rights of the user. */
export function isDenied(errno: string | null): boolean {
  return errno === "EACCES" || errno === "EPERM";
}

/** What a failed system call met, without its code, its name and the path: `permission denied`. */
export function foundBy(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^E[A-Z0-9]+: ([^,]+)(?:, .*)?$/s, "$1");
}
