import assert from "node:assert/strict";
import { test } from "node:test";
import { DigestCache } from "../../src/scan/files/digest-cache.ts";
import type { FileIdentity } from "../../src/scan/files/file-look.ts";

const LEAST_REMEMBERED = 10_000;

test("get() gives back what was put under the same stat only", () => {
  const cache = new DigestCache();
  const stat = { dev: 1n, ino: 2n, size: 3n, mtimeNs: 4n, ctimeNs: 5n };
  cache.put(statOf(stat), entry(7));
  assert.deepEqual(cache.get(statOf(stat)), entry(7));
  for (const field of Object.keys(stat) as (keyof typeof stat)[]) {
    assert.equal(cache.get(statOf({ ...stat, [field]: stat[field] + 1n })), null, field);
  }
});

test("get() tells inodes apart that fall on the same slot", () => {
  const cache = new DigestCache();
  const inodes = Array.from({ length: 300 }, (_, i) => (BigInt(i) << 32n) | 5n);
  for (const [i, ino] of inodes.entries()) cache.put(statOf({ ino }), entry(i));
  for (const [i, ino] of inodes.entries()) assert.deepEqual(cache.get(statOf({ ino })), entry(i));
});

test("get() takes inode and device numbers of the full 64 bits", () => {
  const cache = new DigestCache();
  const stat = statOf({ ino: 2n ** 64n - 1n, dev: 2n ** 63n });
  cache.put(stat, entry(1));
  assert.deepEqual(cache.get(stat), entry(1));
});

test("get() remembers at least the last ten thousand, however many there were", () => {
  const cache = new DigestCache();
  const count = 3 * LEAST_REMEMBERED + 17;
  for (let i = 0; i < count; i++) {
    cache.put(statOf({ ino: BigInt(i) }), entry(i));
    const oldest = Math.max(0, i - LEAST_REMEMBERED + 1);
    if (i % 97 === 0) assert.deepEqual(cache.get(statOf({ ino: BigInt(oldest) })), entry(oldest));
  }
  assert.equal(cache.get(statOf({ ino: 0n })), null);
});

test("get() gives the newest of what was put under one stat, and no MD5 where there was none", () => {
  const cache = new DigestCache();
  const quick = { digests: { md5: null, sha1: null, xxh64: new Uint8Array(8).fill(3) }, readAtMs: 9 };
  cache.put(statOf({ ino: 1n }), entry(1));
  cache.put(statOf({ ino: 1n }), quick);
  assert.deepEqual(cache.get(statOf({ ino: 1n })), quick);
});

test("get() hands out digests that later entries leave alone", () => {
  const cache = new DigestCache();
  cache.put(statOf({ ino: 1n }), entry(1));
  const kept = cache.get(statOf({ ino: 1n }));
  for (let i = 2; i < 25_000; i++) cache.put(statOf({ ino: BigInt(i) }), entry(i));
  assert.deepEqual(kept, entry(1));
});

function statOf(fields: Partial<FileIdentity>): FileIdentity {
  return { dev: 1n, ino: 1n, size: 1n, mtimeNs: 1n, ctimeNs: 1n, ...fields };
}

function entry(number: number) {
  const filled = (length: number) => new Uint8Array(length).fill(number % 251);
  return { digests: { md5: filled(16), sha1: filled(20), xxh64: filled(8) }, readAtMs: number };
}
