/** What a later run of a scan makes of what an earlier one left. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { MailboxReading } from "../../src/mail/mailbox.ts";
import { beginManifest, type ScanRun } from "../../src/manifest/begin.ts";
import { ManifestReader } from "../../src/manifest/reader.ts";
import { verifyManifest } from "../../src/manifest/verify.ts";
import { manifestRowsText } from "../support/manifest-rows-text.ts";
import { chosenSeed } from "../support/random.ts";
import { readMailbox } from "./readings.ts";
import { IDENTITY, inFolder, TIMES, writeManifest } from "./written.ts";

const SEED = chosenSeed();
const RUN: ScanRun = { terms: { "--level": "full" }, startedAtMs: 1000, restart: false };

/** Readings of listed mailboxes with names of their own, each with a trace. */
const readings = (length: number) =>
  fc.array(readMailbox, { minLength: length, maxLength: length }).map((all) =>
    all.map((reading, i): MailboxReading => {
      const named = { name: `user.u${i}`, uniqueId: `id${i}`, listed: true, trace: traceOf(`${i}`) };
      return { ...reading, ...named };
    }),
  );

function traceOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

/** Goes on with what is there, reads what is not kept, and publishes. Returns the names that were kept. */
function goOn(path: string, all: readonly MailboxReading[], run: ScanRun = RUN): string[] {
  const { writer, runs } = beginManifest(path, "full", run);
  const kept = new Set<string>();
  if (runs > 1) {
    const earlier = writer.earlier();
    for (const { name, uniqueId, trace } of all) {
      if (trace && earlier.keep({ name, uniqueId }, trace) !== null) kept.add(name);
    }
    earlier.forgetOthers();
  }
  for (const reading of all) if (!kept.has(reading.name)) writer.mailbox(reading);
  writer.finish(IDENTITY, TIMES);
  return [...kept];
}

/** The rows of an undisturbed manifest of `all`. */
function undisturbed(folder: string, all: readonly MailboxReading[]): string[] {
  return manifestRowsText(writeManifest(`${folder}/undisturbed.db`, { mailboxes: all }));
}

function assertWhole(path: string): void {
  const reader = ManifestReader.open(path);
  try {
    verifyManifest(reader);
  } finally {
    reader.close();
  }
}

describe(`beginManifest() (seed ${SEED})`, () => {
  it("goes on with what an earlier run has written, and the manifest is that of an undisturbed one", () => {
    fc.assert(
      fc.property(readings(4), fc.nat(4), (all, done) =>
        inFolder((folder) => {
          const path = `${folder}/m.db`;
          const { writer } = beginManifest(path, "full", RUN);
          for (const reading of all.slice(0, done)) writer.mailbox(reading);
          writer.problem({ what: "partition", path: "/p", uid: null, errno: null, found: "of the first run" });
          writer.abandon({ remove: false });
          const kept = goOn(path, all);
          assert.deepEqual(
            kept,
            all.slice(0, done).map(({ name }) => name),
          );
          assert.deepEqual(manifestRowsText(path), undisturbed(folder, all));
          assertWhole(path);
          assert.ok(!existsSync(`${path}.partial`) && !existsSync(`${path}.partial-journal`));
        }),
      ),
      { seed: SEED, numRuns: 15, endOnFailure: true },
    );
  });

  it("reads again what has changed since, in whatever way, and what was too fresh to tell", () => {
    fc.assert(
      fc.property(readings(4), readings(4), (before, now) =>
        inFolder((folder) => {
          const path = `${folder}/m.db`;
          const { writer } = beginManifest(path, "full", RUN);
          const fresh = { ...(before[3] as MailboxReading), trace: null };
          for (const reading of [...before.slice(0, 3), fresh]) writer.mailbox(reading);
          writer.abandon({ remove: false });
          const all = now.map((reading, i): MailboxReading => {
            if (i === 0) return before[0] as MailboxReading;
            if (i === 1) return { ...reading, trace: traceOf("changed") };
            return i === 2 ? { ...reading, uniqueId: "made anew" } : reading;
          });
          assert.deepEqual(goOn(path, all), ["user.u0"]);
          assert.deepEqual(manifestRowsText(path), undisturbed(folder, all));
        }),
      ),
      { seed: SEED, numRuns: 10, endOnFailure: true },
    );
  });

  it("believes nothing of a file that a power cut has left with pages of two times", () => {
    fc.assert(
      fc.property(
        readings(5),
        fc.array(
          fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
          { minLength: 200, maxLength: 200 },
        ),
        (all, lost) =>
          inFolder((folder) => {
            const path = `${folder}/m.db`;
            const partial = `${path}.partial`;
            const { writer } = beginManifest(path, "full", RUN);
            for (const reading of all.slice(0, 2)) writer.mailbox(reading);
            writer.commit();
            const older = readFileSync(partial);
            for (const reading of all.slice(2, 4)) writer.mailbox(reading);
            writer.abandon({ remove: false });
            writeFileSync(partial, mixed(older, readFileSync(partial), lost));
            goOn(path, all);
            assert.deepEqual(manifestRowsText(path), undisturbed(folder, all));
            assertWhole(path);
          }),
      ),
      { seed: SEED, numRuns: 40, endOnFailure: true },
    );
  });

  it("begins anew, and says why, where other terms were given, or the file is of no use", () => {
    inFolder((folder) => {
      const path = `${folder}/m.db`;
      const partial = `${path}.partial`;
      const [reading] = fc.sample(readings(1), { seed: SEED, numRuns: 1 })[0] as [MailboxReading];
      const leave = () => {
        const { writer } = beginManifest(path, "full", { ...RUN, restart: true });
        writer.mailbox(reading);
        writer.abandon({ remove: false });
      };
      const reason = (run: ScanRun = RUN) => {
        const { writer, replaced, runs, startedAtMs } = beginManifest(path, "full", run);
        writer.abandon({ remove: true });
        assert.ok(replaced === null || (runs === 1 && startedAtMs === run.startedAtMs));
        return replaced;
      };
      leave();
      assert.equal(reason({ ...RUN, startedAtMs: 5000 }), null);
      leave();
      assert.match(reason({ ...RUN, terms: { "--level": "quick", "--after": "x" } }) ?? "", /--level, --after/);
      leave();
      assert.match(reason({ ...RUN, restart: true }) ?? "", /--restart/);
      leave();
      truncateSync(partial, statSync(partial).size - 4096);
      assert.match(reason() ?? "", /damaged|no unfinished manifest/);
      writeFileSync(partial, "no database at all, but long enough to be looked at as one ".repeat(10));
      assert.match(reason() ?? "", /no unfinished manifest/);
      copyFileSync(writeManifest(`${folder}/whole.db`, { mailboxes: [reading] }), partial);
      assert.match(reason() ?? "", /another version|being finished/);
      assert.ok(!existsSync(`${partial}-journal`));
    });
  });

  it("keeps when the first run began, and counts the runs", () => {
    inFolder((folder) => {
      const path = `${folder}/m.db`;
      for (const run of [1, 2, 3]) {
        const { writer, runs, startedAtMs } = beginManifest(path, "full", { ...RUN, startedAtMs: 1000 * run });
        assert.deepEqual([runs, startedAtMs], [run, 1000]);
        writer.abandon({ remove: false });
      }
    });
  });

  it("does not take a journal for its own that was left without its file", () => {
    inFolder((folder) => {
      const path = `${folder}/m.db`;
      const all = fc.sample(readings(3), { seed: SEED, numRuns: 1 })[0] as MailboxReading[];
      const { writer } = beginManifest(path, "full", RUN);
      for (const reading of all) writer.mailbox(reading);
      writer.commit();
      writer.problem({ what: "partition", path: "/p", uid: null, errno: null, found: "not committed" });
      copyFileSync(`${path}.partial-journal`, `${folder}/journal`);
      writer.abandon({ remove: true });
      copyFileSync(`${folder}/journal`, `${path}.partial-journal`);
      goOn(path, all);
      assert.deepEqual(manifestRowsText(path), undisturbed(folder, all));
    });
  });
});

describe("ManifestWriter.copy()", () => {
  it("is published with what was written, while the partial is gone on with", () => {
    inFolder((folder) => {
      const path = `${folder}/m.db`;
      const all = fc.sample(readings(3), { seed: SEED, numRuns: 1 })[0] as MailboxReading[];
      const { writer } = beginManifest(path, "full", RUN);
      for (const reading of all.slice(0, 2)) writer.mailbox(reading);
      const copy = writer.copy();
      copy.finish(IDENTITY, TIMES);
      writer.abandon({ remove: false });
      assert.equal(statSync(path).mode & 0o777, 0o600);
      assert.deepEqual(manifestRowsText(path), undisturbed(folder, all.slice(0, 2)));
      rmSync(path);
      assert.deepEqual(goOn(path, all), ["user.u0", "user.u1"]);
      assert.deepEqual(manifestRowsText(path), undisturbed(folder, all));
    });
  });
});

/** The newer file, but that some of its pages did not reach the disk: they are as they were, or empty. */
function mixed(older: Buffer, newer: Buffer, lost: readonly boolean[]): Buffer {
  const pages = Buffer.from(newer);
  for (let page = 0; page * 4096 < newer.length; page++) {
    if (lost[page % lost.length] !== true) continue;
    const at = page * 4096;
    pages.fill(0, at, at + 4096);
    if (at < older.length) older.copy(pages, at, at, at + 4096);
  }
  return pages;
}
