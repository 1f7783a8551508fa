import fc from "fast-check";
import { ARCHIVED, EXPUNGED, UNLINKED, WRITABLE_VERSIONS } from "./index-writer.ts";

const u32 = fc.nat(2 ** 32 - 1);
const modseq = fc.oneof(fc.bigInt(0n, 1000n), fc.bigInt(0n, 2n ** 63n - 1n));
const HEX = fc.constantFrom(..."0123456789abcdef");
const guid = fc.oneof(fc.constant("0".repeat(40)), fc.string({ unit: HEX, minLength: 40, maxLength: 40 }));
const internalFlags = fc.constantFrom(0, 0, ARCHIVED, EXPUNGED, EXPUNGED + UNLINKED);

const record = fc.record({
  uid: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  internalDate: u32,
  lastUpdated: u32,
  size: u32,
  flags: fc.tuple(fc.nat(31), internalFlags).map(([system, internal]) => system + internal),
  userFlags: fc.uniqueArray(fc.nat(127), { maxLength: 4 }),
  guid,
  modseq,
  cid: fc.bigInt(0n, 2n ** 64n - 1n),
  baseCid: fc.bigInt(0n, 2n ** 64n - 1n),
  createdModseq: modseq,
  saveDate: u32,
});

const flagName = fc.stringMatching(/^[$A-Za-z][A-Za-z0-9]{0,6}$/);

/** Indexes of every version that {@link writeIndex} knows, with consistent counters and marks. */
export function anyIndexSpec() {
  return fc.record({
    version: fc.constantFrom(...WRITABLE_VERSIONS),
    records: fc
      .uniqueArray(record, { maxLength: 6, selector: ({ uid }) => uid })
      .map((records) => records.sort((a, b) => a.uid - b.uid)),
    flagNames: fc.array(fc.option(flagName), { maxLength: 128 }),
    header: fc.record({
      highestModseq: fc.constant(2n ** 63n - 1n),
      deletedModseq: modseq,
      createdModseq: modseq,
      lastAppendDate: u32,
      lastRepackTime: u32,
      recentUid: u32,
      recentTime: u32,
      pop3LastLogin: u32,
      pop3ShowAfter: u32,
    }),
  });
}
