import assert from "node:assert/strict";
import { test } from "node:test";
import { STATES, VARIANCE_CLASSES } from "../../src/compare/classes.ts";
import type { Variance } from "../../src/compare/variance.ts";
import { onlyOn, remedyOf } from "../../src/worklist/remedy.ts";
import { variance } from "../support/findings.ts";

const HERE = { size: 1 };
const GONE = { present: false };
const EXPUNGED = { expunged: true };

/** class, state, side, primary, replica, rule → remedy, and what only one side has. */
const TABLE: readonly (readonly [Partial<Variance>, string, string | null])[] = [
  [{ class: "message-missing", state: "in-flight", cause: "lag", primary: HERE, replica: GONE }, "sync", "primary"],
  [{ class: "message-missing", state: "in-flight", cause: "race", primary: HERE, replica: GONE }, "wait", "primary"],
  [{ class: "message-missing", state: "diverged", primary: HERE, replica: EXPUNGED }, "reset", "primary"],
  [{ class: "message-missing", state: "diverged", primary: HERE, replica: GONE }, "sync", "primary"],
  [{ class: "message-missing", state: "diverged", primary: GONE, replica: HERE }, "sync", "replica"],
  [{ class: "message-missing", state: "diverged", primary: EXPUNGED, replica: HERE }, "sync", null],
  [{ class: "message-missing", state: "damaged", side: "replica", primary: HERE, replica: GONE }, "reset", "primary"],
  [{ class: "message-missing", state: "damaged", side: "primary", primary: GONE, replica: HERE }, "hold", "replica"],
  [{ class: "message-conflict", state: "diverged", primary: HERE, replica: HERE }, "sync", "both"],
  [{ class: "flags-differ", state: "diverged" }, "sync", null],
  [{ class: "flags-differ", state: "damaged", side: "replica" }, "reset", null],
  [{ class: "flags-differ", state: "damaged", side: "primary" }, "hold", null],
  [
    { class: "mailbox-missing", state: "diverged", rule: "mailbox-deleted", primary: HERE, replica: GONE },
    "reset",
    "primary",
  ],
  [
    { class: "mailbox-missing", state: "diverged", rule: "mailbox-new", primary: HERE, replica: GONE },
    "sync",
    "primary",
  ],
  [{ class: "mailbox-missing", state: "diverged", primary: GONE, replica: HERE }, "reset", "replica"],
  [{ class: "mailbox-recreated", state: "diverged", primary: HERE, replica: HERE }, "reset", "both"],
  [{ class: "mailbox-renamed", state: "diverged" }, "reset", null],
  [{ class: "uidvalidity-differs", state: "diverged", primary: HERE, replica: HERE }, "reset", "both"],
  [{ class: "index-corrupt", state: "damaged", side: "replica" }, "reset", null],
  [{ class: "index-corrupt", state: "damaged", side: "primary" }, "hold", null],
  [{ class: "index-counters-wrong", state: "damaged", side: "both" }, "hold", null],
  [{ class: "file-corrupt", state: "damaged", side: "replica" }, "copy", null],
  [{ class: "file-missing", state: "damaged", side: "primary" }, "copy", null],
  [{ class: "file-corrupt", state: "damaged", side: "both" }, "look", null],
  [{ class: "file-content-differs", state: "diverged" }, "look", null],
  [{ class: "file-orphan", state: "damaged", side: "replica" }, "look", null],
  [{ class: "quota-differs", state: "diverged", rule: "usage-differs" }, "look", null],
  [{ class: "quota-differs", state: "diverged", rule: "replica-ahead" }, "sync", null],
  [{ class: "file-unreadable", state: "unproven" }, "look", null],
];

for (const [over, kind, only] of TABLE) {
  const what = [
    over.state,
    over.class,
    over.side,
    over.rule,
    JSON.stringify(over.primary),
    JSON.stringify(over.replica),
  ];
  test(`remedyOf() ${what.filter((word) => word !== undefined).join(" ")}: ${kind}`, () => {
    assert.equal(remedyOf(variance(over)).kind, kind);
    assert.equal(onlyOn(variance(over))?.side ?? null, only);
  });
}

test("remedyOf() never tells sync_client to take what the primary has", () => {
  for (const name of VARIANCE_CLASSES) {
    for (const state of STATES) {
      for (const side of ["primary", "replica", "both", "unknown"] as const) {
        const finding = variance({ class: name, state, side, primary: HERE, replica: EXPUNGED });
        const { kind } = remedyOf(finding);
        if (state === "diverged" && name === "message-missing") assert.equal(kind, "reset");
        // Damaged records on the primary are mended there first.
        if (state === "damaged" && side !== "replica") assert.notEqual(kind, "sync");
        if (state === "unproven") assert.equal(kind, "look");
      }
    }
  }
});
