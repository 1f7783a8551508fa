/** Manifests written from readings, in a temporary folder. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MailboxItem, UnreadMailboxItems } from "../../src/mail/item.ts";
import type { MailboxReading, PendingName, ReadProblem, Tombstone } from "../../src/mail/mailbox.ts";
import type { Level } from "../../src/mail/message.ts";
import { beginManifest } from "../../src/manifest/begin.ts";
import type { ManifestIdentity } from "../../src/manifest/manifest-row.ts";

/** What a manifest is written from. */
export interface Contents {
  readonly mailboxes: readonly MailboxReading[];
  readonly tombstones?: readonly Tombstone[];
  readonly pending?: readonly PendingName[];
  readonly problems?: readonly ReadProblem[];
  readonly items?: readonly MailboxItem[];
  readonly unread?: readonly UnreadMailboxItems[];
}

export const IDENTITY: ManifestIdentity = {
  ...{ id: "0123456789abcdef".repeat(2), host: "mx1.example.org", instance: "ab".repeat(32), role: "primary" },
  ...{ store: "cyrus", tool: "spooldiff test", level: "full", narrowed: false, afterId: null },
  options: { include: [], exclude: [], workers: 0 },
};

export const TIMES = {
  startedAtMs: 1_700_000_000_000,
  listReadAtMs: 1_700_000_000_100,
  itemsReadAtMs: 1_700_000_008_000,
  finishedAtMs: 1_700_000_009_000,
};

/** Writes a manifest at `path`. */
export function writeManifest(path: string, contents: Contents, identity: Partial<ManifestIdentity> = {}): string {
  const level: Level = identity.level ?? "full";
  const { writer } = beginManifest(path, level, { terms: {}, startedAtMs: 0, restart: true });
  for (const reading of contents.mailboxes) writer.mailbox(reading);
  for (const tombstone of contents.tombstones ?? []) writer.tombstone(tombstone);
  for (const name of contents.pending ?? []) writer.pending(name);
  for (const problem of contents.problems ?? []) writer.problem(problem);
  for (const item of contents.items ?? []) writer.item(item);
  for (const unread of contents.unread ?? []) writer.unreadItems(unread);
  writer.finish({ ...IDENTITY, ...identity }, TIMES);
  return path;
}

/** Runs `use` with a new temporary folder, which is gone afterwards. */
export function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "spooldiff-manifest-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
