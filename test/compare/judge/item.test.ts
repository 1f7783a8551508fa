/** Truth tables of the judge of items: design §3.4, rule by rule. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ItemContext, type ItemJudgement, type ItemPosition, judgeItem } from "../../../src/compare/judge/item.ts";
import type { JudgeSettings } from "../../../src/compare/judge/order.ts";
import type { Item, ItemKind } from "../../../src/mail/item.ts";
import { NOON, PROVED, SETTINGS } from "../records.ts";

const OLD = NOON - 80_000;
const { settleSeconds } = SETTINGS;

function item(kind: ItemKind, over: Partial<Item> = {}): Item {
  return { kind, owner: "alice", key: "x", value: "v", mtime: null, modseq: null, ...over };
}

function at(highestModseq: bigint | null, over: Partial<ItemPosition> = {}): ItemPosition {
  return { highestModseq, filesMtime: OLD, itemsReadLater: false, ...over };
}

interface Case {
  readonly kind: ItemKind;
  readonly primary?: Partial<Item>;
  readonly replica?: Partial<Item>;
  readonly h?: number | null;
  /** Of the mailbox on both sides; none: the item has no mailbox. */
  readonly hms?: readonly [ItemPosition, ItemPosition];
  readonly ordered?: boolean;
  readonly settings?: JudgeSettings;
}

/** The replica was read at noon, the primary ten seconds later. */
function judged({ kind, primary, replica, h = NOON - 100, hms, ordered = true, settings = SETTINGS }: Case) {
  const context: ItemContext = {
    newestEqual: h,
    mailbox: hms === undefined ? null : { primary: hms[0], replica: hms[1], ordered },
    times: { primaryMs: (NOON + 10) * 1000, replicaMs: NOON * 1000 },
  };
  const side = (over: Partial<Item> | undefined) => (over === undefined ? null : item(kind, over));
  return short(judgeItem({ primary: side(primary), replica: side(replica) }, context, settings));
}

function short({ state, cause, side, rule, ageSeconds }: ItemJudgement): string {
  const age = ageSeconds === undefined ? "" : ` ${ageSeconds} s`;
  return `${state}${cause === undefined ? "" : ` (${cause}${age})`} ${side} ${rule}`;
}

function table(rows: readonly (readonly [what: string, expected: string, given: Case])[]): void {
  for (const [what, expected, given] of rows) it(what, () => assert.equal(judged(given), expected));
}

const NO_ORDER = "in-flight (lag) unknown no-order";
const SPLIT = "diverged replica replica-ahead";
const PASSED = "diverged replica item-older-than-replication";
const YOUNG = "in-flight (race) unknown within-settle";

describe("judgeItem() of what nothing orders", () => {
  table([
    ["a subscription of the primary alone", NO_ORDER, { kind: "subscription", primary: {} }],
    ["a subscription of the replica alone (F25)", NO_ORDER, { kind: "subscription", replica: { mtime: OLD } }],
    ["however old the file of subscriptions is", NO_ORDER, { kind: "subscription", primary: { mtime: OLD }, h: NOON }],
    ["an active script", NO_ORDER, { kind: "sieve", primary: { key: "active", mtime: OLD } }],
    ["a deactivated script", NO_ORDER, { kind: "sieve", replica: { key: "active", mtime: OLD } }],
    [
      "another active script",
      NO_ORDER,
      { kind: "sieve", primary: { key: "active", value: "a" }, replica: { key: "active", value: "b" } },
    ],
  ]);
});

describe("judgeItem() of what has a file of its own", () => {
  const h = NOON - 100;
  for (const kind of ["sieve", "quota"] as const) {
    table([
      [
        `${kind} of the primary, just after H − settle`,
        "in-flight (lag 999 s) replica item-new",
        {
          ...{ kind, h, primary: { mtime: h - settleSeconds + 1 } },
        },
      ],
      [`${kind} of the primary, at H − settle`, PASSED, { kind, h, primary: { mtime: h - settleSeconds } }],
      [
        `${kind} of a user without any equal record`,
        "in-flight (lag 80000 s) replica item-new",
        {
          ...{ kind, h: null, primary: { mtime: OLD } },
        },
      ],
      [`${kind} without a time`, NO_ORDER, { kind, h, primary: {} }],
      [
        `${kind} younger than the replica's read`,
        "in-flight (race) replica item-new",
        {
          ...{ kind, h, primary: { mtime: NOON + 1 } },
        },
      ],
      // Made on the replica, or deleted on the primary: a deletion leaves no trace.
      [`${kind} of the replica alone, old`, NO_ORDER, { kind, h, replica: { mtime: OLD } }],
      [`${kind} of the replica alone, young`, NO_ORDER, { kind, h, replica: { mtime: NOON + 20 }, settings: PROVED }],
      [`${kind} of the replica alone without a time`, NO_ORDER, { kind, h, replica: {} }],
      [
        `${kind} of both, the replica's newer by more than settle`,
        SPLIT,
        {
          ...{ kind, h, primary: { mtime: OLD }, replica: { mtime: OLD + settleSeconds + 1 } },
        },
      ],
      [
        `${kind} of both, the primary's newer than H`,
        "in-flight (lag 50 s) replica item-new",
        {
          ...{ kind, h, primary: { mtime: NOON - 50 }, replica: { mtime: OLD } },
        },
      ],
      [`${kind} of both, both old`, PASSED, { kind, h, primary: { mtime: OLD }, replica: { mtime: OLD + 30 } }],
      [`${kind} of both, one without a time`, NO_ORDER, { kind, h, primary: { mtime: OLD }, replica: {} }],
    ]);
  }
  it("usage where every message agrees: one has counted wrongly", () => {
    assert.equal(judged({ kind: "quota-usage", primary: {}, replica: {} }), "diverged unknown usage-differs");
  });
});

describe("judgeItem() of seen state, by the modseqs of its mailbox", () => {
  const both = { kind: "seen", primary: { mtime: OLD }, replica: { mtime: OLD } } as const;
  table([
    ["the primary is ahead (F17)", "in-flight (lag 80000 s) replica state-ahead", { ...both, hms: [at(9n), at(8n)] }],
    ["the replica is ahead, old", SPLIT, { ...both, hms: [at(8n), at(9n)] }],
    [
      "the replica is ahead, young",
      "in-flight (race) primary replica-ahead",
      {
        ...{ ...both, hms: [at(8n), at(9n, { filesMtime: NOON + 9 })] },
      },
    ],
    ["both are at one point", "diverged replica both-reached", { ...both, hms: [at(9n), at(9n)] }],
    [
      "both are at one point, read just now on the primary",
      YOUNG,
      {
        ...{ ...both, primary: { mtime: NOON - 10 }, hms: [at(9n), at(9n)] },
      },
    ],
    [
      "both are at one point, the index of the replica is young",
      YOUNG,
      {
        ...{ ...both, hms: [at(9n), at(9n, { filesMtime: NOON - settleSeconds + 1 })] },
      },
    ],
    [
      "both are at one point, at the settle time",
      "diverged replica both-reached",
      {
        ...{ ...both, hms: [at(9n), at(9n, { filesMtime: NOON - settleSeconds })] },
      },
    ],
    [
      "the replica has none, read after its index",
      "diverged replica both-reached",
      {
        ...{ kind: "seen", primary: { mtime: OLD }, hms: [at(9n), at(9n, { itemsReadLater: true })] },
      },
    ],
    ["below version 12", NO_ORDER, { ...both, hms: [at(9n), at(8n)], ordered: false }],
    ["without modseqs", NO_ORDER, { ...both, hms: [at(null), at(8n)] }],
  ]);
});

for (const kind of ["annotation", "message-annotation"] as const) {
  describe(`judgeItem() of ${kind}s, by their modseqs`, () => {
    const later = { itemsReadLater: true };
    const ahead = "in-flight (lag 80000 s) replica state-ahead";
    table([
      ["set on the primary beyond the replica (F26)", ahead, { kind, primary: { modseq: 9n }, hms: [at(9n), at(8n)] }],
      [
        "changed on the primary beyond the replica",
        ahead,
        {
          ...{ kind, primary: { modseq: 9n }, replica: { modseq: 5n }, hms: [at(9n), at(8n)] },
        },
      ],
      [
        "newer than the index of the primary itself",
        ahead,
        {
          ...{ kind, primary: { modseq: 9n }, hms: [at(8n), at(8n)] },
        },
      ],
      ["taken away on the primary", ahead, { kind, replica: { modseq: 5n }, hms: [at(9n), at(8n)] }],
      [
        "set on the replica beyond the primary",
        "diverged primary replica-ahead",
        {
          ...{ kind, replica: { modseq: 9n }, hms: [at(8n), at(9n)] },
        },
      ],
      [
        "changed on the replica beyond the primary",
        SPLIT,
        {
          ...{ kind, primary: { modseq: 5n }, replica: { modseq: 9n }, hms: [at(8n), at(9n)] },
        },
      ],
      [
        "newer than the index of the replica itself",
        "in-flight (race) primary replica-ahead",
        {
          ...{ kind, primary: { modseq: 5n }, replica: { modseq: 9n }, hms: [at(8n), at(8n)] },
        },
      ],
      [
        "newer than the index of the replica, primary read later",
        SPLIT,
        {
          ...{ kind, primary: { modseq: 5n }, replica: { modseq: 9n }, hms: [at(8n), at(8n)], settings: PROVED },
        },
      ],
      ["taken away on the replica", SPLIT, { kind, primary: { modseq: 5n }, hms: [at(8n), at(9n)] }],
      [
        "changed although both are past it",
        "diverged replica both-reached",
        {
          ...{ kind, primary: { modseq: 5n }, replica: { modseq: 5n }, hms: [at(9n), at(9n)] },
        },
      ],
      [
        "lost on the replica",
        "diverged replica both-reached",
        { kind, primary: { modseq: 5n }, hms: [at(9n), at(9n)] },
      ],
      [
        "lost on the primary",
        "diverged primary both-reached",
        { kind, replica: { modseq: 5n }, hms: [at(9n), at(9n)] },
      ],
      [
        "gone from the primary after its index was read",
        YOUNG,
        {
          ...{ kind, replica: { modseq: 5n }, hms: [at(9n, later), at(9n, later)], settings: PROVED },
        },
      ],
      [
        "gone from the replica after its index was read",
        YOUNG,
        {
          ...{ kind, primary: { modseq: 5n }, hms: [at(9n, later), at(9n, later)] },
        },
      ],
      [
        "lost on the replica, primary read later",
        "diverged replica both-reached",
        {
          ...{ kind, primary: { modseq: 5n }, hms: [at(9n, later), at(9n, later)], settings: PROVED },
        },
      ],
      [
        "an index is young",
        YOUNG,
        {
          ...{ kind, primary: { modseq: 5n }, hms: [at(9n, { filesMtime: NOON - 10 }), at(9n)] },
        },
      ],
      ["without modseqs of annotations, the primary ahead", ahead, { kind, primary: {}, hms: [at(9n), at(8n)] }],
      ["without modseqs of annotations, the replica ahead", SPLIT, { kind, primary: {}, hms: [at(8n), at(9n)] }],
      [
        "a store without modseqs of annotations",
        NO_ORDER,
        {
          ...{ kind, primary: { modseq: null }, replica: { modseq: 5n }, hms: [at(9n), at(9n)] },
        },
      ],
    ]);
  });
}

describe("judgeItem() at the edges", () => {
  const quota = (primary: number, replica: number) =>
    ({ kind: "quota", primary: { mtime: primary }, replica: { mtime: replica, value: "w" }, h: null }) as const;
  /** The primary moved on a minute before noon, while the replica's files are as old as ever. */
  const moved = at(9n, { filesMtime: NOON - 60 });
  const aheadBy = "in-flight (lag 60 s) replica state-ahead";
  const changed = { primary: { modseq: 9n }, replica: { modseq: 5n, value: "w" } };
  table([
    [
      "the replica's file later by just --settle is none that is newer",
      `in-flight (lag ${settleSeconds + 50} s) replica item-new`,
      quota(NOON - settleSeconds - 50, NOON - 50),
    ],
    [
      "the replica's newer file goes by its own time",
      "in-flight (race) primary replica-ahead",
      quota(NOON - settleSeconds - 50, NOON + 8),
    ],
    ["seen: the age is that of the primary's files", aheadBy, { kind: "seen", primary: {}, hms: [moved, at(8n)] }],
    ["annotation: so is it", aheadBy, { kind: "annotation", ...changed, hms: [moved, at(8n)] }],
    [
      "annotation removed on the primary: so is it",
      aheadBy,
      { kind: "annotation", replica: { modseq: 5n }, hms: [moved, at(8n)] },
    ],
    ["annotation of no mailbox", NO_ORDER, { kind: "annotation", ...changed }],
    ["annotation without an order", NO_ORDER, { kind: "annotation", ...changed, ordered: false, hms: [moved, at(8n)] }],
    ["annotation, the primary nowhere", NO_ORDER, { kind: "annotation", ...changed, hms: [at(null), at(8n)] }],
    ["annotation, the replica nowhere", NO_ORDER, { kind: "annotation", ...changed, hms: [moved, at(null)] }],
  ]);
});
