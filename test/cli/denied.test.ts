/** A file that the user may not read: said so, with what to do, and never "copy it again". */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { underNobody } from "../support/other-user.ts";
import { assertRefused } from "../support/refusal.ts";
import { skipHere } from "../support/skip-here.ts";

suite("a file that the user may not read", () => {
  const folder = mkdtempSync(join(tmpdir(), "spooldiff-denied-"));
  const secret = join(folder, "secret");
  after(() => rmSync(folder, { recursive: true, force: true }));

  before(() => {
    writeFileSync(secret, "SQLite format 3\0");
    chmodSync(secret, 0);
    chmodSync(folder, 0o755);
  });

  const CASES: readonly (readonly [what: string, words: readonly string[], says: RegExp])[] = [
    ["a manifest to verify", ["verify", secret], /Cannot read ".*secret": permission denied\n/],
    ["a manifest to compare", ["compare", secret, secret], /Cannot read ".*secret": permission denied\n/],
    ["a state file", ["trend", secret], /Cannot use the state file ".*secret": permission denied\n/],
    ["an imapd.conf", ["scan", "-C", secret, "-o", join(folder, "out.db")], /Cannot read ".*secret": /],
    ["a configuration", ["trend", "--config", secret, "x"], /Cannot use ".*secret": user \S+ may not read it\n/],
  ];
  for (const [what, words, says] of CASES) {
    test(`is named as such where it is ${what}`, async (context) => {
      const under = underNobody();
      if (under === null) return skipHere(context, "no setpriv(1) here");
      const { stderr } = await assertRefused(words, says, { under });
      assert.doesNotMatch(stderr, /[Cc]opy/);
      assert.match(stderr, /run it as |Run the command as /);
    });
  }
});
