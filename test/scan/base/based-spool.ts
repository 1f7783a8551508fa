/** A spool that is scanned again and again, each time on the base of the scan before. */
import { setTimeout } from "node:timers/promises";
import type { MessageFacts } from "../../../src/mail/scan-facts.ts";
import { ManifestReader } from "../../../src/manifest/reader.ts";
import { verifyManifest } from "../../../src/manifest/verify.ts";
import { inspectFile, type ScanSpec, scanStore } from "../../support/pipeline.ts";
import { TestSpool } from "../test-spool.ts";

/** Age that a change must have before a read in these tests; longer than a tick of the file system's clock. */
export const SETTLED_MS = 12;

/** What one scan left. */
export interface Scanned {
  readonly path: string;
  readonly facts: ManifestReader["facts"];
  /** Messages by "mailbox/uid". */
  readonly messages: ReadonlyMap<string, MessageFacts>;
  /** UIDs whose bytes this scan read. */
  readonly read: readonly string[];
}

export class BasedSpool extends TestSpool {
  #scans = 0;

  /** Scans when what was written last has settled. */
  async scan(spec: ScanSpec = {}): Promise<Scanned> {
    await setTimeout(SETTLED_MS + 8);
    const path = `${this.base}/${++this.#scans}.db`;
    await scanStore(this.store(), path, { settledMs: SETTLED_MS, ...spec });
    const reader = ManifestReader.open(path);
    try {
      verifyManifest(reader);
      const messages = new Map<string, MessageFacts>();
      for (const { id, name } of [...reader.mailboxes()]) {
        for (const message of reader.messagesWithStat(id)) messages.set(`${name}/${message.uid}`, message);
      }
      const read = [...messages].filter(([, { stat }]) => (stat?.readAtMs ?? 0) >= reader.facts.startedAtMs);
      return { path, facts: reader.facts, messages, read: read.map(([key]) => key) };
    } finally {
      reader.close();
    }
  }
}

/** All that a manifest says but when what was read: what a scan with a base must have in common with one without. */
export function contentsOf(path: string): unknown {
  const reader = ManifestReader.open(path);
  try {
    const mailboxes = [...reader.mailboxes()].map(({ id, readAtMs, ...facts }) => ({
      ...facts,
      messages: [...reader.messages(id)],
      expunged: reader.expunged(id),
      orphans: reader.orphans(id),
      problems: reader.problemsOf(id),
    }));
    return { mailboxes, findings: inspectFile(path) };
  } finally {
    reader.close();
  }
}
