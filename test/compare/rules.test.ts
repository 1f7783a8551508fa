/** The tables that `explain` prints: every class and every rule that the judge can give, and no others. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import fc from "fast-check";
import { VARIANCE_CLASSES, type VarianceClass } from "../../src/compare/classes.ts";
import { RULE_IDS, RULES, type Rule, rulesOf } from "../../src/compare/judge/rules.ts";
import { MEANINGS } from "../../src/compare/meanings/meanings.ts";
import { NOTE_CLASSES } from "../../src/compare/meanings/notes.ts";
import { THING_KINDS, thingOf } from "../../src/compare/thing.ts";
import type { Variance } from "../../src/compare/variance.ts";
import { textOfPrograms } from "../support/cyrus-server/programs-text.ts";
import { unpackFixture } from "../support/fixtures.ts";
import { compareFiles, scanConf } from "../support/pipeline.ts";
import { skipHere } from "../support/skip-here.ts";
import { editedPair } from "../support/spool/arbitrary.ts";
import { comparePair } from "../support/spool/scan-pair.ts";

const COMPARE = join(import.meta.dirname, "../../src/compare");

/** Classes of notes: worth knowing, and no finding that a rule could decide. */
const NOTES: readonly VarianceClass[] = ["uniqueid-missing", "guid-missing"];

/** Everything in src/compare that judges: neither the table itself nor the sentences. */
function judgeSources(): string {
  const files = globSync("**/*.ts", { cwd: COMPARE }).filter(
    (file) => !/(^|\/)(rules|explain[a-z-]*)\.ts$/.test(file) && !file.startsWith("meanings/"),
  );
  return files.map((file) => readFileSync(join(COMPARE, file), "utf8")).join("\n");
}

/** Findings whose class is not among those that their rule is said to decide. */
function unregistered(variances: readonly Variance[]): string[] {
  const wrong = variances.filter(({ class: is, rule }) => !(rulesOf(is) as string[]).includes(rule));
  return [...new Set(wrong.map(({ class: is, rule }) => `${rule} decided ${is}`))];
}

suite("RULES", () => {
  test("holds no rule that the judge does not have", () => {
    const sources = judgeSources();
    assert.deepEqual(
      RULE_IDS.filter((id) => !sources.includes(`"${id}"`)),
      [],
    );
  });

  test("says of every rule what it decides, and of every class what decides it", () => {
    for (const id of RULE_IDS) {
      const rule: Rule = RULES[id];
      assert.ok(rule.classes.length > 0 && rule.sentence.endsWith(".") && rule.source !== "", id);
      assert.equal(new Set(rule.classes).size, rule.classes.length, id);
      assert.doesNotMatch(
        `${rule.sentence} ${rule.source}`,
        /\bdesign\b|§|\brules? \d/,
        `${id} cites what users do not have`,
      );
    }
    assert.deepEqual(
      VARIANCE_CLASSES.filter((name) => rulesOf(name).length === 0),
      NOTES,
    );
  });

  test("covers every finding of the damaged fixture", async () => {
    const { root, cleanup } = unpackFixture("c-damaged-legacy");
    try {
      const replica = await scanConf(join(root, "replica/imapd.conf"), join(root, "../mx2.db"));
      const primary = await scanConf(join(root, "primary/imapd.conf"), join(root, "../mx1.db"));
      const { variances } = compareFiles(primary, replica);
      assert.ok(variances.length > 0);
      assert.deepEqual(unregistered(variances), []);
      // Both hosts were read, so every finding says what was read on each.
      const silent = variances.filter((variance) => variance.primary === null || variance.replica === null);
      assert.deepEqual(
        silent.map(({ class: is, subject }) => [is, subject.mailbox, subject.uid]),
        [],
      );
    } finally {
      cleanup();
    }
  });

  test("covers every finding of edited pairs", async () => {
    await fc.assert(
      fc.asyncProperty(editedPair(4), async ({ pair }) => {
        const { variances } = await comparePair(pair);
        assert.deepEqual(unregistered(variances), []);
      }),
      { numRuns: 12 },
    );
  });
});

suite("MEANINGS", () => {
  test("has every class, in whole sentences", () => {
    assert.deepEqual(Object.keys(MEANINGS).sort(), [...VARIANCE_CLASSES].sort());
    for (const [name, meaning] of Object.entries(MEANINGS)) {
      for (const field of ["means", "cyrus", "hazard", "repair"] as const) {
        assert.match(
          meaning[field],
          /^(?:[A-Z\\]|mailboxes\.db |cyrus\.index |imapd |reconstruct |sync_client |last_updated |\/vendor\/).*[.]$/s,
          `${name} ${field}`,
        );
      }
    }
  });

  test("quotes words that a search of a log finds as they stand", () => {
    for (const [name, { logs }] of Object.entries(MEANINGS)) {
      for (const words of logs) assert.doesNotMatch(words, /%/, name);
    }
  });

  test("quotes words that the programs of Cyrus hold", (t) => {
    const programs = textOfPrograms();
    if (programs === null) {
      skipHere(t, "no Cyrus IMAP here; .ci/install-servers puts it there");
      return;
    }
    // Words of 2.4 to 3.0, which are not those of the programs here.
    const OLDER = /^SYNCERROR: (expunged|higher modseq) on replica$/;
    const quoted = Object.values(MEANINGS).flatMap(({ logs }) => logs);
    assert.ok(quoted.length > 30);
    assert.deepEqual(
      quoted.filter((words) => !OLDER.test(words) && !programs.includes(words)),
      [],
    );
  });
});

test("every note that the judge gives has an entry, and no other has", () => {
  const notes = [...judgeSources().matchAll(/(?:type: "note",\s*class: |\bnote\()"([a-z-]+)"/g)].map(
    (match) => match[1] ?? "",
  );
  assert.deepEqual([...new Set(notes)].sort(), [...NOTES, ...NOTE_CLASSES].sort());
});

test("thingOf() knows a kind for every class", () => {
  const kinds = VARIANCE_CLASSES.map(
    (name) => thingOf({ class: name, subject: { mailbox: "user.a", uniqueId: "u" } }).kind,
  );
  assert.deepEqual(
    kinds.filter((kind) => !(THING_KINDS as readonly string[]).includes(kind)),
    [],
  );
});
