import assert from "node:assert/strict";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import type { MailboxRef } from "../../../src/store/mail-store.ts";
import { ARCHIVED, EXPUNGED } from "../../support/index-writer.ts";
import type { TestMessage } from "../test-spool.ts";
import { BasedSpool, contentsOf, type Scanned } from "./based-spool.ts";

const NAMES = ["user.a", "user.b", "user.c"];

/** One thing that happens to a spool. What it needs and does not find does not happen. */
interface Operation {
  readonly kind: (typeof KINDS)[number];
  readonly mailbox: number;
  readonly uid: number;
  readonly other: number;
}

const KINDS = [
  ...["deliver", "expunge", "rewrite", "rewriteKeepingMtime", "replace", "swap", "remove", "link", "touch"],
  ...["archive", "flag", "rename", "recreate", "directory", "truncate"],
] as const;

const operation: fc.Arbitrary<Operation> = fc.record({
  kind: fc.constantFrom(...KINDS),
  mailbox: fc.nat(NAMES.length - 1),
  uid: fc.integer({ min: 1, max: 8 }),
  other: fc.integer({ min: 1, max: 8 }),
});

function fileIn(ref: MailboxRef, root: number, uid: number): string {
  return `${ref.messageDirectories[root]}/${uid}.`;
}

/** A spool and what its indexes say. */
class LivingSpool extends BasedSpool {
  readonly #records = new Map<string, TestMessage[]>();
  #serial = 0;

  constructor() {
    super();
    for (const name of NAMES) {
      const messages = [1, 2, 3, 4].map((uid) => this.#message(uid));
      this.add(name, messages);
      this.#records.set(name, messages);
    }
  }

  apply({ kind, mailbox, uid, other }: Operation): void {
    const ref = [...this.list.values()][mailbox];
    if (ref === undefined) return;
    const records = this.#records.get(ref.name) ?? [];
    const message = records.find((record) => record.uid === uid);
    const file = [0, 1]
      .map((root) => fileIn(ref, root, uid))
      .find((path) => existsSync(path) && statSync(path).isFile());
    if (kind === "deliver") this.#deliver(ref, records);
    else if (kind === "rename") this.#rename(ref);
    else if (kind === "recreate") this.#recreate(ref);
    else if (message !== undefined && file !== undefined) this.#change(kind, ref, records, message, file, other);
    const now = this.list.get(ref.name);
    if (now !== undefined) this.writeIndex(now, this.#records.get(ref.name) ?? []);
  }

  #change(
    kind: Operation["kind"],
    ref: MailboxRef,
    records: TestMessage[],
    message: TestMessage,
    file: string,
    other: number,
  ): void {
    const text = readFileSync(file, "latin1");
    const changed = text.replace(/\d/, (digit) => String((Number(digit) + 1) % 10));
    switch (kind) {
      case "expunge":
        this.#replaced(ref, { ...message, flags: EXPUNGED });
        break;
      case "flag":
        this.#replaced(ref, { ...message, flags: (message.flags ?? 0) ^ 1 });
        break;
      case "archive":
        mkdirSync(ref.messageDirectories[1] ?? "", { recursive: true });
        renameSync(file, fileIn(ref, 1, message.uid));
        this.#replaced(ref, { ...message, flags: ARCHIVED });
        break;
      case "rewrite":
        writeFileSync(file, changed);
        break;
      case "rewriteKeepingMtime": {
        const { atime, mtime } = statSync(file);
        writeFileSync(file, changed);
        utimesSync(file, atime, mtime);
        break;
      }
      case "replace":
        writeFileSync(`${file}new`, changed);
        renameSync(`${file}new`, file);
        break;
      case "swap": {
        const second = fileIn(ref, 0, records.find(({ uid }) => uid === other)?.uid ?? message.uid);
        if (!existsSync(second) || second === file || !statSync(second).isFile()) break;
        renameSync(file, `${file}swap`);
        renameSync(second, file);
        renameSync(`${file}swap`, second);
        break;
      }
      case "remove":
        rmSync(file);
        break;
      case "link":
        linkSync(file, `${this.base}/link-${this.#serial++}`);
        break;
      case "touch":
        utimesSync(file, new Date(), new Date());
        break;
      case "directory":
        rmSync(file);
        mkdirSync(file);
        break;
      case "truncate":
        writeFileSync(file, text.slice(0, -1));
        break;
    }
  }

  #deliver(ref: MailboxRef, records: readonly TestMessage[]): void {
    const uid = Math.max(0, ...records.map((record) => record.uid)) + 1;
    const message = this.#message(uid);
    rmSync(fileIn(ref, 0, uid), { recursive: true, force: true });
    writeFileSync(fileIn(ref, 0, uid), message.body);
    this.#records.set(ref.name, [...records, message]);
  }

  #rename(ref: MailboxRef): void {
    const to = this.place(`user.n${this.#serial++}`, ref.uniqueId ?? "");
    for (const root of [0, 1]) {
      const from = ref.messageDirectories[root] ?? "";
      if (existsSync(from)) renameSync(from, to.messageDirectories[root] ?? "");
    }
    this.list.delete(ref.name);
    this.list.set(to.name, to);
    this.#records.set(to.name, this.#records.get(ref.name) ?? []);
    this.#records.delete(ref.name);
    this.writeIndex(to, this.#records.get(to.name) ?? []);
  }

  #recreate(ref: MailboxRef): void {
    for (const directory of ref.messageDirectories) rmSync(directory, { recursive: true, force: true });
    const messages = [1, 2, 3].map((uid) => this.#message(uid));
    this.list.delete(ref.name);
    const made = this.place(ref.name, `made-${this.#serial++}`);
    this.list.set(ref.name, made);
    this.write(made, messages);
    this.#records.set(ref.name, messages);
  }

  #replaced(ref: MailboxRef, message: TestMessage): void {
    const records = this.#records.get(ref.name) ?? [];
    this.#records.set(
      ref.name,
      records.map((record) => (record.uid === message.uid ? message : record)),
    );
  }

  #message(uid: number): TestMessage {
    return { uid, body: `Subject: ${this.#serial++}\r\n\r\n${"text ".repeat(uid)}` };
  }
}

test("a scan with a base says what one without says, whatever happened to the spool in between", async () => {
  let carried = 0n;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(operation, { maxLength: 5 }), { minLength: 1, maxLength: 3 }),
      fc.constantFrom<"none" | "some" | "all">("none", "some", "all"),
      async (nights, again) => {
        const spool = new LivingSpool();
        try {
          const reread = again === "some" ? ({ kind: "share", parts: 3 } as const) : { kind: again };
          let base: Scanned = await spool.scan();
          for (const night of nights) {
            for (const change of night) if (readdirSync(spool.spool).length > 0) spool.apply(change);
            const based = await spool.scan({ base: base.path, reread });
            const anew = await spool.scan();
            assert.deepEqual(contentsOf(based.path), contentsOf(anew.path));
            carried += based.facts.bytesCarried;
            base = based;
          }
        } finally {
          spool.remove();
        }
      },
    ),
    { numRuns: 8 },
  );
  assert.ok(carried > 0n);
});
