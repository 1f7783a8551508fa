/** Databases that Cyrus' own programs write: what they say is in them must be what is read, also while they write. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CorruptStoreError } from "../../src/errors.ts";
import { readDatabase } from "../../src/store/cyrus/cyrusdb/read-database.ts";
import { cyrusToTestWith } from "../support/cyrus-server/binaries.ts";
import { DATABASE_CONTENTS, makeDatabases } from "../support/cyrus-server/database-contents.ts";
import { type BackEnd, type BatchStep, DatabaseTool } from "../support/cyrus-server/database-tool.ts";
import { type UnpackedFixture, unpackFixture } from "../support/fixtures.ts";
import { chosenSeed, createRandom, type Random } from "../support/random.ts";

const BACK_ENDS: readonly BackEnd[] = ["twoskip", "skiplist", "flat"];
/** How long each back end is read while it is written: longer on a busy machine, for so many reads, but not for ever. */
const LOAD_MS = 4_000;
const LONGEST_LOAD_MS = 20_000;
const LEAST_READS = 1_000;

/** `SPOOLDIFF_FREEZE=1` makes the files of test/fixtures/cyrusdb anew. */
const FREEZE = process.env.SPOOLDIFF_FREEZE === "1";
const FROZEN = fileURLToPath(new URL("../fixtures/cyrusdb", import.meta.url));

const { binaries, missing } = cyrusToTestWith();
const seedNumber = chosenSeed();

describe("databases that Cyrus writes", { skip: missing ?? false }, () => {
  let tool: DatabaseTool;
  let spool: UnpackedFixture;
  const random = createRandom(seedNumber);

  before((context) => {
    assert(binaries !== null);
    context.diagnostic?.(`SPOOLDIFF_SEED=${seedNumber}`);
    tool = new DatabaseTool(binaries);
    spool = unpackFixture("a-legacy-insync");
  });
  after(() => {
    tool?.remove();
    spool?.cleanup();
  });

  for (const name of Object.keys(DATABASE_CONTENTS)) {
    it(`${name}: the same is read of every back end that cvt_cyrusdb makes of it`, async () => {
      const paths = await makeDatabases(tool, spool, name);
      const expected = inByteOrder(await tool.show(paths.twoskip, "twoskip"));
      assert.ok(expected.length > 0);
      for (const kind of BACK_ENDS) {
        const { entries, kind: found } = await readDatabase(paths[kind]);
        assert.equal(found, kind);
        assert.deepEqual(entries, expected);
        if (FREEZE) freeze(`${name}.${kind}`, readFileSync(paths[kind]));
      }
      if (FREEZE) freeze(`${name}.expected.json`, `${JSON.stringify(expected, null, 1)}\n`);
    });
  }

  for (const kind of ["twoskip", "skiplist"] as const) {
    it(`${kind}: what a process leaves that dies in a transaction is what was there before it`, async () => {
      const database = tool.path("db", `crashed.${kind}`);
      await tool.apply(database, kind, historyOf(createRandom(1), 20));
      const before = inByteOrder(await tool.show(database, kind));
      await tool.crash(database, kind);
      assert.deepEqual((await readDatabase(database)).entries, before);
      assert.ok(readFileSync(database).includes("CRASHME"), "there is something to ignore");
      if (!FREEZE) return;
      freeze(`crashed.${kind}`, readFileSync(database));
      freeze("crashed.expected.json", `${JSON.stringify(before, null, 1)}\n`);
    });
  }

  for (const kind of BACK_ENDS) {
    it(`${kind}: any history of any bytes is read as cyr_dbtool shows it`, async () => {
      const database = tool.path("db", `history.${kind}`);
      const kinds = new Map<BackEnd, string>([[kind, database]]);
      for (let round = 0; round < 6; round++) {
        await tool.apply(database, kind, historyOf(random, 40));
        const { entries, kind: found } = await readDatabase(database);
        assert.equal(found, kind);
        assert.deepEqual(entries, inByteOrder(await tool.show(database, kind)));
      }
      for (const other of BACK_ENDS.filter((name) => name !== kind)) {
        const converted = tool.path("db", `history.${kind}.${other}`);
        await tool.convert(database, kind, converted, other);
        kinds.set(other, converted);
      }
      const [first, ...others] = await Promise.all([...kinds.values()].map((path) => readDatabase(path)));
      for (const { entries } of others) assert.deepEqual(entries, first?.entries);
    });

    it(`${kind}: every state that is read while transactions run is one that was between two of them`, async (context) => {
      const load = new Load(tool, tool.path("db", `load.${kind}`), kind, random);
      const counts = await load.readFor(LOAD_MS);
      context.diagnostic(`${kind}: ${JSON.stringify(counts)}`);
      assert.ok(counts.accepted >= LEAST_READS, `only ${counts.accepted} reads`);
      assert.ok(counts.states >= 50, `only ${counts.states} states were seen`);
      // A reader that is never content would be exact too.
      assert.ok(counts.gaveUp <= counts.accepted / 100, `${counts.gaveUp} reads found no state`);
    });
  }
});

function freeze(name: string, content: Buffer | string): void {
  writeFileSync(join(FROZEN, name), content);
}

/** Transactions on few keys of any bytes, some of them aborted. */
function historyOf(random: Random, transactions: number): BatchStep[] {
  const text = (longest: number) =>
    String.fromCharCode(...Array.from({ length: random.integer(1, longest) }, () => random.integer(0, 255)));
  const keys = ["N", "Nuser\x1falice", "user.bob", "a\0b\0", "\t\r\n", "\xff\xfe", text(60), text(2)];
  const steps: BatchStep[] = [];
  for (let n = 0; n < transactions; n++) {
    const changes = Array.from({ length: random.integer(1, 5) }, (): BatchStep => {
      const key = random.pick(keys);
      return random.chance(0.3) ? { delete: key } : { put: key, value: random.chance(0.1) ? "" : text(300) };
    });
    steps.push("BEGIN", ...changes, random.chance(0.2) ? "ABORT" : "COMMIT");
  }
  return steps;
}

/**
 * A writer at work. Transaction n leaves `first` and `last` at n, a key of its own, and takes away the one of n - KEPT:
 * so every state is known by its number. Transactions that are aborted leave what must never be seen.
 */
class Load {
  static readonly KEPT = 40;
  static readonly PER_ROUND = { disk: 200, none: 2000 };
  readonly #tool: DatabaseTool;
  readonly #path: string;
  readonly #kind: BackEnd;
  readonly #random: Random;
  #written = 0;

  constructor(tool: DatabaseTool, path: string, kind: BackEnd, random: Random) {
    this.#tool = tool;
    this.#path = path;
    this.#kind = kind;
    this.#random = random;
  }

  /** Reads while rounds of transactions run, each by a process of its own, which repacks at its end. */
  async readFor(ms: number) {
    const counts = { accepted: 0, gaveUp: 0, states: 0, transactions: 0 };
    const begun = Date.now();
    const enough = () => Date.now() >= begun + (counts.accepted < LEAST_READS ? LONGEST_LOAD_MS : ms);
    await this.#tool.apply(this.#path, this.#kind, this.#transactions(1));
    let newest = 0;
    for (let round = 0; !enough(); round++) {
      const pace = round % 2 === 0 ? "disk" : "none";
      const writer = this.#tool.start(this.#path, this.#kind, this.#transactions(Load.PER_ROUND[pace]), pace);
      const ended = endOf(writer);
      while (writer.exitCode === null && writer.signalCode === null) {
        const state = await this.#read();
        if (state === null) counts.gaveUp++;
        else {
          assert.ok(state >= newest, `state ${state} was read after state ${newest}`);
          counts.accepted++;
          if (state > newest) counts.states++;
          newest = state;
        }
        await turn();
      }
      assert.equal(await ended, 0);
      assert.equal(await this.#read(), this.#written, "what is there when the writer has ended");
    }
    return { ...counts, transactions: this.#written };
  }

  /** The number of the state that was read; null where none could be. */
  async #read(): Promise<number | null> {
    let entries: readonly (readonly [string, string])[];
    try {
      ({ entries } = await readDatabase(this.#path));
    } catch (error) {
      if (error instanceof CorruptStoreError && /none of \d+ reads/.test(error.found)) return null;
      throw error;
    }
    const n = Number(new Map(entries).get("last"));
    assert.deepEqual(entries, stateOf(n), `state ${n}`);
    return n;
  }

  #transactions(count: number): BatchStep[] {
    const steps: BatchStep[] = [];
    for (let i = 0; i < count; i++) {
      if (this.#random.chance(0.1)) {
        steps.push("BEGIN", { put: "first", value: "aborted" }, { put: "never", value: "x".repeat(200) }, "ABORT");
      }
      const n = ++this.#written;
      steps.push("BEGIN", { put: "first", value: String(n) }, { put: keyOf(n), value: textOf(n) });
      if (n > Load.KEPT) steps.push({ delete: keyOf(n - Load.KEPT) });
      steps.push({ put: "last", value: String(n) }, "COMMIT");
    }
    return steps;
  }
}

function stateOf(n: number): [string, string][] {
  const state: [string, string][] = [
    ["first", String(n)],
    ["last", String(n)],
  ];
  for (let i = Math.max(1, n - Load.KEPT + 1); i <= n; i++) state.push([keyOf(i), textOf(i)]);
  return inByteOrder(state);
}

/** Keys in no order of their numbers, so that they come to lie between others. */
function keyOf(n: number): string {
  return `key${(Math.imul(n, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0")}`;
}

function textOf(n: number): string {
  return `${n} `.repeat(1 + (n % 30));
}

function inByteOrder(entries: readonly (readonly [string, string])[]): [string, string][] {
  return entries.map(([key, value]): [string, string] => [key, value]).sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (status) => resolve(status));
  });
}
