import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { createFileDigester } from "../../src/hash/create-digester.ts";
import { type Digests, type FileDigester, WHOLE_FILE_BYTES } from "../../src/hash/digester.ts";
import { xxh64Reference } from "../support/xxh64-reference.ts";

const lanes = await createFileDigester("full", "lanes");
const plain = await createFileDigester("full", "plain");
const quick = await createFileDigester("quick");

const CREATE_DIGESTER = import.meta.resolve("../../src/hash/create-digester.ts");

/** Long enough for any file; each test cuts its files out of it. */
const NOISE = randomBytes(WHOLE_FILE_BYTES + 4096);

for (const [name, full] of Object.entries({ lanes, plain })) {
  test(`add() with ${name} agrees with node:crypto for every length from 0 to 200, alone and in a batch`, () => {
    const files = Array.from({ length: 201 }, (_, length) => noise(length));
    assertAllDigests(full, files);
    for (const file of files) assertAllDigests(full, [file]);
  });

  test(`add() with ${name} agrees with node:crypto for up to 30 files of one length`, () => {
    for (const length of [0, 55, 56, 64, 700, 10_000]) {
      for (let count = 1; count <= 30; count++)
        assertAllDigests(
          full,
          Array.from({ length: count }, () => noise(length)),
        );
    }
  });

  test(`add() with ${name} agrees with node:crypto around sizes at which buffers end`, () => {
    const sizes = [1 << 16, 1 << 17, 768 << 10, 1 << 20, 1 << 21, WHOLE_FILE_BYTES].flatMap((n) => [n - 1, n, n + 1]);
    assertAllDigests(full, sizes.map(noise));
    for (const size of sizes) assertAllDigests(full, [noise(size)]);
  });

  test(`add() with ${name} agrees with node:crypto when files fill the arena several times`, () => {
    assertAllDigests(
      full,
      Array.from({ length: 16 }, (_, i) => noise(WHOLE_FILE_BYTES - i)),
    );
  });

  test(`add() with ${name} agrees with node:crypto for thousands of short files`, () => {
    assertAllDigests(
      full,
      Array.from({ length: 2500 }, (_, i) => noise(i % 90)),
    );
  });

  test(`add() with ${name} agrees with node:crypto for random batches of mixed sizes`, () => {
    const short = fc.nat(300);
    const usual = fc.nat(40_000);
    const long = fc.nat(600_000);
    const size = fc.oneof(
      { weight: 4, arbitrary: short },
      { weight: 8, arbitrary: usual },
      { weight: 1, arbitrary: long },
    );
    fc.assert(
      fc.property(fc.array(size, { maxLength: 300, size: "max" }), (sizes) => assertAllDigests(full, sizes.map(noise))),
      { numRuns: 40 },
    );
  });

  test(`add() with ${name} calls back in the order of the files, also where room() had to make some`, () => {
    const order: number[] = [];
    const sizes = Array.from({ length: 400 }, (_, i) => (i % 40 === 0 ? 3 << 20 : (i * 7919) % 20_000));
    for (const [i, size] of sizes.entries()) {
      full.room(size + 1);
      full.add(size, () => order.push(i));
    }
    full.flush();
    assert.deepEqual(
      order,
      sizes.map((_, i) => i),
    );
  });

  test(`add() with ${name} digests what it is given, not the rest of the room`, () => {
    full.room(100).fill(1);
    full.room(100).fill(2);
    const result: Digests[] = [];
    full.add(10, (digests) => result.push(digests));
    full.flush();
    assertDigests(result[0], new Uint8Array(10).fill(2));
  });

  test(`place() with ${name} writes what add() gives, among files that are added, and nothing beside it`, () => {
    const files = Array.from({ length: 300 }, (_, i) => noise((i * 7919) % 30_000));
    const output = new DataView(new ArrayBuffer(files.length * 54));
    const added: Digests[] = [];
    for (const [i, file] of files.entries()) {
      full.arena.set(file, full.roomAt(file.length + 1));
      if (i % 3 === 0) full.add(file.length, (digests) => added.push(digests));
      else full.place(file.length, output, i * 54 + 10);
    }
    full.flush();
    const rows = new Uint8Array(output.buffer);
    for (const [i, file] of files.entries()) {
      const row = rows.subarray(i * 54, (i + 1) * 54);
      if (i % 3 === 0) {
        assertDigests(added[i / 3], file);
        assert.ok(row.every((byte) => byte === 0));
        continue;
      }
      assert.ok(row.subarray(0, 10).every((byte) => byte === 0));
      assertDigests({ md5: row.subarray(10, 26), sha1: row.subarray(26, 46), xxh64: row.subarray(46) }, file);
    }
  });

  test(`add() with ${name} hands out digests that later files leave alone`, () => {
    const files = [noise(5), noise(5000)];
    const kept: Digests[] = [];
    for (const file of files) {
      hand(full, file, (digests) => kept.push(digests));
      full.flush();
    }
    for (const [i, file] of files.entries()) assertDigests(kept[i], file);
    const { buffer } = kept[0]!.md5!;
    assert.ok(buffer.byteLength <= 1 << 16, "nor do they hold more than themselves in memory");
  });

  test(`flush() with ${name} can be called with nothing to do`, () => {
    full.flush();
    full.flush();
  });

  test(`room() with ${name} refuses what must be streamed`, () => {
    full.room(WHOLE_FILE_BYTES + 1);
    assert.throws(() => full.room(WHOLE_FILE_BYTES + 2), RangeError);
  });

  test(`stream() with ${name} agrees with node:crypto whatever the pieces`, () => {
    for (const sizes of [[], [0], [1, 2, 3], [1 << 20, 1 << 20, 7], [(1 << 20) + 1, 31, 3 << 20]]) {
      const pieces = sizes.map(noise);
      const stream = full.stream();
      for (const piece of pieces) stream.update(piece);
      assertDigests(stream.digest(), Buffer.concat(pieces));
    }
  });
}

test("createFileDigester() at depth quick gives xxHash64 only", () => {
  const file = noise(1000);
  const results: Digests[] = [];
  hand(quick, file, (digests) => results.push(digests));
  quick.flush();
  const stream = quick.stream();
  stream.update(file);
  results.push(stream.digest());
  const expected = { md5: null, sha1: null, xxh64: xxh64Reference(file) };
  assert.deepEqual(results, [expected, expected]);
});

test("place() at depth quick writes xxHash64 only", () => {
  const file = noise(1000);
  const output = new DataView(new ArrayBuffer(54));
  quick.arena.set(file, quick.roomAt(file.length));
  quick.place(file.length, output, 10);
  quick.flush();
  const row = new Uint8Array(output.buffer);
  assert.ok(row.subarray(0, 46).every((byte) => byte === 0));
  assert.equal(hex(row.subarray(46)), hex(xxh64Reference(file)));
});

test("createFileDigester() has something to say only where it is slower than it could be", () => {
  assert.equal(lanes.notice, null);
  assert.equal(quick.notice, null);
  assert.match(plain.notice ?? "", /^[^\n]*SIMD[^\n]*$/);
});

test("createFileDigester() does without SIMD, and says so", () => {
  const script = `
    const { createFileDigester } = await import(${JSON.stringify(CREATE_DIGESTER)});
    const digester = await createFileDigester("full");
    digester.room(3).set(Buffer.from("abc"));
    digester.add(3, ({ sha1 }) => process.stdout.write(Buffer.from(sha1).toString("hex") + "\\n"));
    digester.flush();
    process.stdout.write(String(digester.notice));`;
  const validate = "WebAssembly.validate = () => false;";
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", validate + script], {
    encoding: "utf8",
  });
  assert.match(output, /^a9993e364706816aba3e25717850c26c9cd0d89d\n[^\n]*SIMD[^\n]*$/);
});

function noise(length: number): Uint8Array {
  const at = Math.floor(Math.random() * 4096);
  return NOISE.subarray(at, at + length);
}

function hand(digester: FileDigester, file: Uint8Array, done: (digests: Digests) => void): void {
  digester.room(file.length).set(file);
  digester.add(file.length, done);
}

function assertAllDigests(digester: FileDigester, files: readonly Uint8Array[]): void {
  const results: Digests[] = [];
  for (const file of files) hand(digester, file, (digests) => results.push(digests));
  digester.flush();
  assert.equal(results.length, files.length);
  for (const [i, file] of files.entries()) assertDigests(results[i], file);
}

function assertDigests(digests: Digests | undefined, file: Uint8Array): void {
  assert.ok(digests !== undefined, "done was called");
  assert.equal(hex(digests.md5), createHash("md5").update(file).digest("hex"));
  assert.equal(hex(digests.sha1), createHash("sha1").update(file).digest("hex"));
  if (file.length <= 1024) assert.equal(hex(digests.xxh64), hex(xxh64Reference(file)));
  else assert.equal(hex(digests.xxh64), hex(streamed(file).xxh64));
}

/** In pieces, by the other interface of the package. */
function streamed(file: Uint8Array): Digests {
  const stream = quick.stream();
  for (let at = 0; at < file.length; at += 1000) stream.update(file.subarray(at, at + 1000));
  return stream.digest();
}

function hex(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString("hex");
}
