/*
 * Loaded into `spooldiff scan` ahead of it (`node --import`), this leaves the manifest's table `file_stat` empty: what a
 * scan would cost if no later one could be based on it. The files are still looked at by fstat: a scan decides by it
 * whether it has read a message. No option of the program does this.
 */
import { isMainThread } from "node:worker_threads";
import type { MailboxReading } from "../src/mail/mailbox.ts";
import type { ManifestWriter } from "../src/manifest/writer.ts";

interface WriterModule {
  readonly ManifestWriter: typeof ManifestWriter;
}

/** The reading as that of a level that takes no stats. */
function withoutStats(reading: MailboxReading): MailboxReading {
  const { messages, sums } = reading;
  return {
    ...reading,
    messages: { ...messages, stat: new Uint8Array(messages.stat.length) },
    ...(sums === undefined ? {} : { sums: { ...sums, totals: { ...sums.totals, stats: 0 } } }),
  };
}

// The threads that read take this module along, and write nothing.
if (isMainThread) {
  const compiled = new URL("../dist/manifest/writer.js", import.meta.url);
  const { ManifestWriter } = (await import(compiled.href)) as WriterModule;
  const { mailbox } = ManifestWriter.prototype;
  ManifestWriter.prototype.mailbox = function (reading) {
    mailbox.call(this, withoutStats(reading));
  };
}
