/** Entries of the mailbox list that do not say what a mailbox is, or where: nothing is missing because of that. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { readDatabase } from "../../src/store/cyrus/cyrusdb/read-database.ts";
import { writeFlat } from "../support/cyrusdb-writer.ts";
import { unpackFixture } from "../support/fixtures.ts";
import { compareFiles, scanConf } from "../support/pipeline.ts";

const SENT = "Nuser\x1falice\x1fSent";
const CHANGES: Readonly<Record<string, (value: string) => string>> = {
  "is damaged": (value) => value.slice(0, 30),
  "is of an unknown type": (value) => value.replace(/T e/, "T x"),
  "is of a mailbox that is being moved": (value) => value.replace(/T e/, "T em"),
  "names no partition": (value) => value.replace(/ P default/, ""),
};

for (const fixture of ["a-legacy-insync", "b-uuid-insync"] as const) {
  describe(`a scan by a mailbox list of which an entry cannot be read, ${fixture}`, () => {
    for (const [what, change] of Object.entries(CHANGES)) {
      it(`says so once, and nothing else, when it ${what}`, async () => {
        const { root, cleanup } = unpackFixture(fixture);
        try {
          const scan = (host: string, name: string) =>
            scanConf(join(root, host, "imapd.conf"), join(root, name), { level: "stat" });
          const whole = { primary: await scan("primary", "p.db"), replica: await scan("replica", "r.db") };
          for (const host of ["primary", "replica"] as const) {
            const list = join(root, host, "conf/mailboxes.db");
            const { entries } = await readDatabase(list);
            const changed = entries.map(([put, value]) => ({ put, value: put === SENT ? change(value) : value }));
            writeFileSync(list, writeFlat({ transactions: [changed], tail: [] }));
            const manifest = await scan(host, `changed-${host}.db`);
            const [primary, replica] = host === "primary" ? [manifest, whole.replica] : [whole.primary, manifest];
            const { variances, summary } = compareFiles(primary, replica);
            assert.deepEqual(
              variances.map(({ class: name, state, side, subject }) => [name, state, side, subject.mailbox]),
              [["mailbox-unreadable", "unproven", host, "user.alice.Sent"]],
            );
            assert.equal(summary.exitCode, 3);
          }
        } finally {
          cleanup();
        }
      });
    }
  });
}
