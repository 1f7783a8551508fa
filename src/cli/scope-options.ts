import { UsageError } from "../errors.ts";
import type { ByteString } from "../mail/name.ts";
import { nameFilter } from "../mail/name-pattern.ts";

/** `--include` and `--exclude` of a command. */
export interface ScopeOptions {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** The predicate of a command's globs. */
export function scopeOf(options: ScopeOptions): (name: ByteString) => boolean {
  return nameFilter(options.include, options.exclude);
}

/** The globs as they were given, for reports. */
export function scopeText(options: ScopeOptions): string[] {
  return [...options.include.map((glob) => `--include ${glob}`), ...options.exclude.map((glob) => `--exclude ${glob}`)];
}

/** Nothing found is never an empty success. */
export function nothingMatched(what: string, options: ScopeOptions): UsageError {
  const narrowed = options.include.length + options.exclude.length > 0;
  const found = narrowed ? `no mailbox of ${what} matches ${scopeText(options).join(" ")}` : `${what} has no mailbox`;
  const hint = narrowed
    ? "Names are matched in internal form (user.alice.Sent), * stands for anything"
    : "Check that this is the right configuration and that the mailbox list is the one in use";
  return new UsageError(`Cannot go on: ${found}`, hint);
}
