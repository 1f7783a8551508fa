import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { ConfigurationError, CorruptStoreError } from "../../../../src/errors.ts";
import { readDatabase } from "../../../../src/store/cyrus/cyrusdb/read-database.ts";
import {
  type History,
  stateOf,
  writeFlat,
  writeSkiplist,
  writeTwom,
  writeTwoskip,
} from "../../../support/cyrusdb-writer.ts";

const folder = mkdtempSync(join(tmpdir(), "spooldiff-database-"));
after(() => rmSync(folder, { recursive: true }));

/** A history in which transaction `n` sets both keys to `n`. */
function counting(transactions: number): History {
  const set = (n: number) => ["a", "b"].map((put) => ({ put, value: String(n) }));
  return { transactions: Array.from({ length: transactions }, (_, n) => set(n)), tail: [] };
}

function file(name: string, bytes: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe("readDatabase()", () => {
  for (const [kind, write] of [
    ["twoskip", writeTwoskip],
    ["skiplist", writeSkiplist],
    ["flat", writeFlat],
    ["twom", writeTwom],
  ] as const) {
    it(`reads a ${kind} file, and says when`, async () => {
      const path = file(kind, write(counting(3)));
      const before = Date.now();
      const { entries, readAtMs, mtimeMs, ...snapshot } = await readDatabase(path);
      assert.deepEqual(entries, stateOf(counting(3)));
      assert.equal(snapshot.kind, kind);
      assert.ok(readAtMs >= before && readAtMs <= Date.now());
      assert.equal(mtimeMs, statSync(path).mtimeMs);
    });
  }

  it("waits for a writer that is half done", async () => {
    const whole = writeTwoskip(counting(3));
    const path = file("half", whole.subarray(0, whole.length - 8));
    const timer = setTimeout(() => writeFileSync(path, whole), 20);
    assert.deepEqual((await readDatabase(path)).entries, stateOf(counting(3)));
    clearTimeout(timer);
  });

  it("gives up on a file that never holds still, and says so", async () => {
    const bytes = writeTwoskip(counting(1));
    let changes = 0;
    const path = file("restless", bytes.subarray(0, 100));
    const timer = setInterval(() => {
      // Replaced whole, as a checkpoint does, but never consistent.
      writeFileSync(`${path}.NEW`, Buffer.concat([bytes.subarray(0, 100), Buffer.from(String(changes++))]));
      renameSync(`${path}.NEW`, path);
    }, 1);
    try {
      await assert.rejects(readDatabase(path), (error) => {
        assert.ok(error instanceof CorruptStoreError);
        assert.match(error.found, /none of 20 reads/);
        return true;
      });
    } finally {
      clearInterval(timer);
    }
  });

  it("says what is wrong with a damaged file, after looking for a while", async () => {
    const bytes = writeTwoskip(counting(2));
    bytes[bytes.length - 20] = (bytes.at(-20) as number) ^ 1;
    bytes.write("X", bytes.indexOf("b1"));
    const path = file("damaged", bytes);
    const before = Date.now();
    await assert.rejects(readDatabase(path), (error) => {
      assert.ok(error instanceof CorruptStoreError);
      assert.match(error.message, /Cannot read ".*damaged" at byte \d+: .* checksum/);
      return true;
    });
    assert.ok(Date.now() - before >= 50);
  });

  const unsupported: [string, Buffer, RegExp][] = [
    ["Berkeley DB", Buffer.from("\0\0\0\0\0\0\0\0\0\0\0\0\x62\x31\x05\0\0\0", "latin1"), /Berkeley DB/],
    ["SQLite", Buffer.from("SQLite format 3\0 and so on"), /SQLite/],
  ];
  for (const [kind, bytes, message] of unsupported) {
    it(`refuses ${kind}, names it and says what to do`, async () => {
      const path = file(kind, bytes);
      await assert.rejects(readDatabase(path), (error) => {
        assert.ok(error instanceof ConfigurationError);
        assert.match(error.message, message);
        assert.match(error.hint ?? "", /cvt_cyrusdb/);
        return true;
      });
    });
  }

  it("refuses what is no regular file without blocking on it", async () => {
    const directory = join(folder, "zeroskip");
    mkdirSync(directory);
    const link = join(folder, "link");
    symlinkSync(file("target", writeFlat(counting(1))), link);
    const fifo = join(folder, "fifo");
    execFileSync("mkfifo", [fifo]);
    for (const path of [directory, link, fifo]) {
      await assert.rejects(readDatabase(path), (error) => {
        assert.ok(error instanceof ConfigurationError);
        assert.match(error.message, /no regular file/);
        return true;
      });
    }
  });

  it("says that there is no such file", async () => {
    await assert.rejects(readDatabase(join(folder, "none")), ConfigurationError);
  });
});
