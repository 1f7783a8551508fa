/** The published JSON Schemas: every golden report is valid, what is not is refused, and the texts of three agree. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";
import fc from "fast-check";
import type { Message } from "../../src/mail/message.ts";
import type { MailboxFacts } from "../../src/mail/scan-facts.ts";
import { jsonFormat } from "../../src/report/json.ts";
import { writeMessageLines } from "../../src/report/message-lines.ts";
import { jsonLines } from "../support/command-line.ts";
import {
  comparisonReport,
  findingsOf,
  inspectionOf,
  inspectionReport,
  mailboxResult,
  note,
  textOf,
  variance,
} from "../support/findings.ts";
import { assertLines, publishedSchema, type SchemaName } from "../support/json-schema.ts";
import { HOSTILE_NAMES } from "./cases.ts";

const OPTIONS = { colour: false, limit: 1, allMailboxes: true };
const GOLDEN = new URL("../golden/", import.meta.url);
const SCHEMA_OF: Readonly<Record<string, SchemaName>> = { report: "compare", inspect: "inspect", trend: "trend" };

suite("published JSON Schemas", () => {
  const goldens = readdirSync(GOLDEN).filter((name) => name.endsWith(".ndjson"));
  for (const name of goldens) {
    test(`take every line of ${name}, and document each of its fields`, () => {
      const schema = SCHEMA_OF[name.split("-")[0] ?? ""];
      assert.ok(schema !== undefined, name);
      assertLines(schema, jsonLines(readFileSync(new URL(name, GOLDEN), "utf8")));
    });
  }

  test("are tried on golden reports of all three commands", () => {
    assert.deepEqual([...new Set(goldens.map((name) => name.split("-")[0]))].sort(), ["inspect", "report", "trend"]);
  });

  test("take any name and text, at every place that takes one", () => {
    const name = fc.oneof(
      fc.constantFrom(...HOSTILE_NAMES),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
    );
    fc.assert(
      fc.property(name, name, fc.string({ unit: "binary" }), (one, other, text) => {
        const subject = { mailbox: one, otherMailbox: other, owner: one, key: other, path: one, item: text, uid: 1 };
        const pending = { names: "user", log: other } as const;
        const found = variance({ subject, explain: text, pending, primary: { [text]: text, list: [text] } });
        const notes = [note({ mailbox: one, explain: text })];
        const mailboxes = [mailboxResult({ mailbox: one, otherMailbox: other })];
        const findings = findingsOf([found], { notes, mailboxes });
        assertLines("compare", jsonLines(comparisonReport(jsonFormat, findings, OPTIONS)));
        assertLines("inspect", jsonLines(inspectionReport(jsonFormat, inspectionOf([found], { notes }), OPTIONS)));
      }),
      { numRuns: 50 },
    );
  });

  test("take messages of a mailbox whose name is no UTF-8, which lets its bytes be had back", () => {
    const facts = { name: "user.caf\xe9", uniqueId: null, status: "read", header: null, counted: null, keywords: [] };
    const file = { status: "absent", problem: "gone", sizeBytes: null, md5: null, sha1: null, xxh64: null };
    const message = { uid: 7, guid: null, flags: "", internalDate: 1, sizeBytes: 2n, modseq: 3n, file };
    const lines = jsonLines(
      // Only what is printed.
      textOf((sink) =>
        writeMessageLines(facts as unknown as MailboxFacts, [message as unknown as Message], "json", sink),
      ),
    );
    assertLines("inspect", lines);
    for (const { mailboxBytes } of lines) {
      assert.equal(Buffer.from(String(mailboxBytes), "base64").toString("latin1"), "user.caf\xe9");
    }
  });

  test("refuse a line that lacks a field, has one of another kind, or one that nothing documents", () => {
    const lines = jsonLines(comparisonReport(jsonFormat, findingsOf([variance()]), OPTIONS));
    const found = lines.find(({ type }) => type === "variance") ?? {};
    assertLines("compare", [found]);
    const { rule: _, ...without } = found;
    for (const wrong of [
      without,
      { ...found, state: "broken" },
      { ...found, uid: "7" },
      { ...found, type: "finding" },
      { ...found, class: "Not A Class" },
      { ...found, mailboxBytes: 1 },
    ]) {
      assert.throws(() => assertLines("compare", [wrong]), /published compare/);
    }
    assert.throws(() => assertLines("compare", [{ ...found, news: 1 }]), /closed compare/);
    const summary = lines.at(-1) ?? {};
    const counts = { ...(summary.counts as object), byState: { odd: 1 } };
    assert.throws(() => assertLines("compare", [{ ...summary, counts }]), /published compare/);
    assert.throws(() => assertLines("compare", [{ ...summary, scope: {} }]), /published compare/);
  });

  test("say the same of what two of them have", () => {
    const texts = new Map<string, string>();
    for (const name of ["compare", "inspect", "trend"] as const) {
      const schema = publishedSchema(name);
      assert.equal(schema.$schema, "https://json-schema.org/draft/2020-12/schema");
      const defs = schema.$defs as Record<string, unknown>;
      for (const key of ["time", "decimal", "bytes64", "class", "evidence", "variance", "note", "coverage"]) {
        if (defs[key] === undefined) continue;
        const text = JSON.stringify(defs[key]);
        assert.equal(texts.get(key) ?? text, text, key);
        texts.set(key, text);
      }
    }
    assert.equal(texts.size, 8);
  });
});
