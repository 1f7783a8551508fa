import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { parseSyncLogLine, readSyncLogs } from "../../../src/store/cyrus/sync-log.ts";

const folder = mkdtempSync(join(tmpdir(), "spooldiff-sync-log-"));
after(() => rmSync(folder, { recursive: true }));

describe("parseSyncLogLine()", () => {
  for (const [line, expected] of [
    ["MAILBOX user.alice.v1^2", [["MAILBOX", "user.alice.v1^2"]]],
    ['APPEND "user.alice.Team Space"', [["APPEND", "user.alice.Team Space"]]],
    ['MAILBOX "a \\"q\\" \\\\ \\{b\\}"', [["MAILBOX", 'a "q" \\ {b}']]],
    ["MAILBOX a\\\\b", [["MAILBOX", "a\\b"]]],
    ["USER alice", [["USER", "alice"]]],
    ["SEEN alice user.bob", [["SEEN", "user.bob"]]],
    [
      'RENAME user.a "user.b c"',
      [
        ["RENAME", "user.a"],
        ["RENAME", "user.b c"],
      ],
    ],
    [
      "DOUBLEMAILBOX user.a user.b",
      [
        ["DOUBLEMAILBOX", "user.a"],
        ["DOUBLEMAILBOX", "user.b"],
      ],
    ],
    ['ANNOTATION ""', [["ANNOTATION", ""]]],
  ] as const) {
    it(`reads ${line}`, () => {
      assert.deepEqual(
        parseSyncLogLine(line)?.map(({ type, name }) => [type, name]),
        expected,
      );
    });
  }

  for (const line of [
    "",
    "MAILBOX",
    "MAILBOX ",
    "mailbox a",
    'MAILBOX "a',
    'MAILBOX a"b',
    "MAILBOX a  b",
    "MAILBOX a b c",
  ]) {
    it(`refuses ${JSON.stringify(line)}`, () => assert.equal(parseSyncLogLine(line), null));
  }
});

describe("readSyncLogs()", () => {
  it("reads all logs of all channels, each name once for each log", () => {
    const sync = join(folder, "all");
    mkdirSync(join(sync, "mx2"), { recursive: true });
    writeFileSync(join(sync, "log"), "MAILBOX user.a\nMAILBOX user.a\nAPPEND user.a\nMAILBOX user.unfin");
    writeFileSync(join(sync, "log-run"), "USER b\n");
    writeFileSync(join(sync, "mx2", "log-4711"), "USER b\n");
    writeFileSync(join(sync, "mx2", "lock"), "no log\n");
    writeFileSync(join(sync, "skipuser-c"), "");
    const { names, problems } = readSyncLogs(sync);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      names.map(({ log, type, name }) => `${log}: ${type} ${name}`),
      ["log: MAILBOX user.a", "log: APPEND user.a", "log-run: USER b", "mx2/log-4711: USER b"],
    );
  });

  it("reads lines that lie across the blocks it reads, and counts those that are none", () => {
    const sync = join(folder, "large");
    mkdirSync(sync);
    const lines = Array.from({ length: 30_000 }, (_, i) => `MAILBOX user.u${i}`);
    writeFileSync(join(sync, "log"), [...lines, "junk", `MAILBOX ${"x".repeat(600_000)}`, "USER last", ""].join("\n"));
    const { names, problems } = readSyncLogs(sync);
    assert.equal(names.length, 30_001);
    assert.ok(names.slice(0, -1).every(({ name }, i) => name === `user.u${i}`));
    assert.match(problems[0]?.found ?? "", /^2 lines/);
  });

  it("finds nothing pending where there is no log", () => {
    assert.deepEqual(readSyncLogs(join(folder, "none")), { names: [], problems: [] });
  });

  it("says what it could not read, and follows no link", () => {
    const sync = join(folder, "odd");
    mkdirSync(join(sync, "log"), { recursive: true });
    symlinkSync("/etc/passwd", join(sync, "log-run"));
    const { names, problems } = readSyncLogs(sync);
    assert.deepEqual(names, []);
    assert.deepEqual(
      problems.map(({ path, errno }) => [path.slice(sync.length + 1), errno]),
      [
        ["log", null],
        ["log-run", "ELOOP"],
      ],
    );
  });
});
