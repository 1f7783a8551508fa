/** `scan --base OLD.db --reread SHARE`: what of an earlier scan is carried over. */
import { existsSync } from "node:fs";
import { UsageError } from "../../errors.ts";
import { BaseManifest } from "../../manifest/base-manifest.ts";
import { terminalText } from "../../report/escape.ts";
import { count } from "../../report/figures.ts";
import type { MailStore } from "../../store/mail-store.ts";
import { DEFAULT_REREAD } from "./reread.ts";
import { instanceId, layoutDigest } from "./scan-identity.ts";
import type { ScanCommandOptions } from "./scan-job.ts";

/**
 * Opens the base of a scan.
 *
 * @returns null where none was named, or there is no file of that name (yet), which is said
 * @throws {SpooldiffError} when it is no base for this scan
 */
export function openBase(
  store: MailStore,
  options: ScanCommandOptions,
  say: (text: string) => void,
): BaseManifest | null {
  const { base: path, level } = options;
  if (path === undefined) return null;
  if (options.only !== undefined) {
    throw new UsageError("Cannot use --base with --only: a second look reads what it looks at", "Leave --base out");
  }
  if (level !== "quick" && level !== "full") {
    const found = `level ${level} reads no message, so there is nothing to carry over`;
    throw new UsageError(`Cannot use --base with --level ${level}: ${found}`, "Leave --base out");
  }
  if (!existsSync(path)) {
    say(`spooldiff: There is no ${terminalText(path)} yet: everything is read`);
    return null;
  }
  return BaseManifest.open(path, {
    instance: instanceId(store),
    store: store.kind,
    layout: layoutDigest(store),
    level,
    startedAtMs: Date.now(),
    reread: options.reread ?? DEFAULT_REREAD,
  });
}

/** What is to be said of a base when the scan has ended. */
export function baseLines(base: BaseManifest | null, path: string | undefined): string[] {
  if (base === null || base.unsound === 0) return [];
  const mailboxes = `${count(base.unsound)} mailboxes`;
  return [`${terminalText(path ?? "")} is damaged: ${mailboxes} of it are not what was sealed, and were read anew`];
}
