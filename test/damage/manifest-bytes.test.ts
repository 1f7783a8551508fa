/** Bytes of a manifest that a disk or a copy has changed: refused, or without any effect on what is found. */
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, suite, test } from "node:test";
import { ManifestError } from "../../src/errors.ts";
import { ManifestReader } from "../../src/manifest/reader.ts";
import { verifyManifest } from "../../src/manifest/verify.ts";
import { type UnpackedFixture, unpackFixture } from "../support/fixtures.ts";
import { compareFiles, scanConf } from "../support/pipeline.ts";
import { chosenSeed, createRandom, type Random } from "../support/random.ts";

/** Each takes about as long as a verification and a comparison of this small pair. */
const ROUNDS = 80;

type Change = (bytes: Buffer, random: Random) => string;

const CHANGES: Readonly<Record<string, Change>> = {
  "one bit": (bytes, random) => {
    const at = random.integer(0, bytes.length - 1);
    const bit = 1 << random.integer(0, 7);
    bytes[at] = (bytes[at] ?? 0) ^ bit;
    return `bit ${bit} of byte ${at}`;
  },
  "one byte of the file's header": (bytes, random) => {
    const at = random.integer(0, 99);
    const value = random.integer(0, 255);
    bytes[at] = value;
    return `byte ${at} is ${value}`;
  },
  "one byte of the head of a page": (bytes, random) => {
    const at = 4096 * random.integer(0, bytes.length / 4096 - 1) + random.integer(0, 40);
    const value = random.integer(0, 255);
    bytes[at] = value;
    return `byte ${at} is ${value}`;
  },
  "a run of bytes": (bytes, random) => {
    const at = random.integer(0, bytes.length - 1);
    const length = random.integer(2, 600);
    bytes.fill(random.integer(0, 255), at, Math.min(at + length, bytes.length));
    return `${length} bytes from ${at}`;
  },
  "a page for another": (bytes, random) => {
    const pages = bytes.length / 4096 - 1;
    const [from, to] = [random.integer(0, pages), random.integer(0, pages)];
    bytes.copy(bytes, to * 4096, from * 4096, from * 4096 + 4096);
    return `page ${to} holds page ${from}`;
  },
};

suite("a manifest of which bytes were changed", () => {
  let fixture: UnpackedFixture;
  let primary: string;
  let replica: string;
  let damaged: string;
  let whole: Buffer;
  let truth = "";

  before(async () => {
    fixture = unpackFixture("c-damaged-legacy");
    const manifest = (name: string) => join(dirname(fixture.root), name);
    primary = manifest("mx1.db");
    replica = manifest("mx2.db");
    damaged = manifest("damaged.db");
    for (const [host, path] of [
      ["replica", replica],
      ["primary", primary],
    ] as const) {
      await scanConf(join(fixture.root, host, "imapd.conf"), path, { role: host, host });
    }
    whole = readFileSync(replica);
    copyFileSync(replica, damaged);
    truth = findings() ?? "";
    assert.ok(truth.length > 10_000);
  });
  after(() => fixture.cleanup());

  /** Everything that a comparison with the damaged manifest reports, or null if it is refused. */
  function findings(): string | null {
    return refusedOr(() => JSON.stringify(compareFiles(primary, damaged, { nowMs: 0 })));
  }

  function verified(): boolean {
    const result = refusedOr(() => {
      const manifest = ManifestReader.open(damaged);
      try {
        return verifyManifest(manifest);
      } finally {
        manifest.close();
      }
    });
    return result !== null;
  }

  /** Null for a refusal. Any other error is a failure of the test: it would reach people as a bug of the program. */
  function refusedOr<T>(use: () => T): T | null {
    try {
      return use();
    } catch (error) {
      if (error instanceof ManifestError) return null;
      throw error;
    }
  }

  for (const [what, change] of Object.entries(CHANGES)) {
    test(`${what}: verify refuses it, or compare finds what it found before; compare never finds anything else`, () => {
      const random = createRandom(chosenSeed());
      let refused = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const bytes = Buffer.from(whole);
        const done = `SPOOLDIFF_SEED=${random.seed}, round ${round}: ${change(bytes, random)}`;
        writeFileSync(damaged, bytes);
        try {
          const sound = verified();
          const found = findings();
          if (!sound) refused++;
          if (sound) assert.ok(found !== null, `verify accepts what compare refuses`);
          if (found !== null) assert.equal(found, truth, `compare finds something else`);
        } catch (error) {
          throw new Error(`${done}: ${error instanceof Error ? error.stack : error}`);
        }
      }
      assert.ok(refused > ROUNDS / 10, `only ${refused} of ${ROUNDS} were refused`);
    });
  }

  test("the last pages are gone, or zero: refused by both", () => {
    for (const kept of [0.1, 0.5, 0.9, 0.99]) {
      const length = Math.floor((whole.length * kept) / 4096) * 4096;
      writeFileSync(damaged, whole.subarray(0, length));
      assert.ok(!verified() && findings() === null, `cut to ${length}`);
      writeFileSync(damaged, Buffer.concat([whole.subarray(0, length), Buffer.alloc(whole.length - length)]));
      assert.ok(!verified(), `zero from ${length}`);
    }
  });
});
