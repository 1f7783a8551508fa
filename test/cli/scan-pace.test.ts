import assert from "node:assert/strict";
import { test } from "node:test";
import { ScanPace } from "../../src/cli/scan/scan-pace.ts";
import { progressLine } from "../../src/cli/scan/scan-progress.ts";
import type { ScanProgress } from "../../src/scan/scan-options.ts";

const START: ScanProgress = {
  phase: "mailboxes",
  mailboxes: 1000,
  mailboxesDone: 0,
  mailboxesKept: 0,
  messages: 0,
  bytesRead: 0n,
  filesRead: 0,
};

/** A scan that reads so much a second, told twice a second from `fromMs` to `toMs`. */
function run(pace: ScanPace, fromMs: number, toMs: number, from: ScanProgress, each: { bytes: number; files: number }) {
  let last = from;
  for (let at = fromMs; at <= toMs; at += 500) {
    const seconds = (at - fromMs) / 1000;
    const bytesRead = from.bytesRead + BigInt(Math.round(each.bytes * seconds));
    last = { ...from, bytesRead, filesRead: from.filesRead + each.files * seconds };
    pace.add(at, last);
  }
  return last;
}

test("ScanPace.rates() are those of the last half minute, also inside of one mailbox and after a change of pace", () => {
  const pace = new ScanPace();
  assert.deepEqual(pace.rates(), { bytes: 0, files: 0 });
  const fast = run(pace, 0, 60_000, START, { bytes: 100e6, files: 5000 });
  assert.deepEqual(pace.rates(), { bytes: 100e6, files: 5000 });
  const braked = run(pace, 60_500, 120_500, fast, { bytes: 10e6, files: 500 });
  assert.deepEqual(pace.rates(), { bytes: 10e6, files: 500 });
  run(pace, 121_000, 181_000, braked, { bytes: 0, files: 0 });
  assert.deepEqual(pace.rates(), { bytes: 0, files: 0 });
});

test("ScanPace.secondsLeft() leaves out the time and the mailboxes of other runs and of other phases", () => {
  const pace = new ScanPace();
  pace.add(0, { ...START, phase: "list" });
  pace.add(100_000, { ...START, phase: "earlier", mailboxesDone: 400, mailboxesKept: 400 });
  const begun = { ...START, mailboxesDone: 400, mailboxesKept: 400 };
  pace.add(200_000, begun);
  assert.equal(pace.secondsLeft(260_000, begun), null, "nothing was read yet");
  const later = { ...begun, mailboxesDone: 500 };
  // A hundred in a minute; five hundred are left.
  assert.equal(pace.secondsLeft(260_000, later), 300);
  assert.equal(pace.secondsLeft(201_000, later), null, "too soon to tell");
  assert.equal(pace.secondsLeft(260_000, { ...later, phase: "items" }), null);
});

test("progressLine() says what was kept, the rates, and how long it will take", () => {
  const pace = new ScanPace();
  const begun = { ...START, mailboxesDone: 400, mailboxesKept: 400, messages: 40_000 };
  pace.add(0, begun);
  const now = { ...begun, mailboxesDone: 500, messages: 50_000, bytesRead: 600_000_000n, filesRead: 30_000 };
  pace.add(60_000, now);
  assert.equal(
    progressLine(now, pace, 60_000),
    "reading mailboxes: 500 of 1,000 mailboxes (400 by earlier runs), 50,000 messages, 600 MB at 10 MB/s and 500 files/s, about 5 min left",
  );
});
