/**
 * Accepted differences over three nights of a damaged pair: found, accepted, expired. They are never gone without a
 * word, and count nowhere but among what is accepted.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { stringify } from "smol-toml";
import { ExitCode } from "../../src/errors.ts";
import { jsonLines, type ProgramRun, spooldiff } from "../support/command-line.ts";
import { type UnpackedFixture, unpackFixture } from "../support/fixtures.ts";
import { assertLines } from "../support/json-schema.ts";
import { scanConf } from "../support/pipeline.ts";

type Line = Readonly<Record<string, unknown>>;

const NIGHT = 86_400_000;
const FIRST_NIGHT = Date.now() - 3 * NIGHT;

/** An entry that names just what a finding names. */
function entryOf(finding: Line, expires: string): Record<string, unknown> {
  const names = ["class", "mailbox", "owner", "key", "uid"] as const;
  const given = names.filter((name) => finding[name] !== undefined && finding[name] !== null);
  return {
    ...Object.fromEntries(given.map((name) => [name, finding[name]])),
    reason: 'known, "ticket" <4711>',
    expires,
  };
}

suite("--ignore", () => {
  let fixture: UnpackedFixture;
  let folder = "";
  const path = (name: string) => join(folder, name);
  const manifests = (night: number) => [path(`mx1-${night}.db`), path(`mx2-${night}.db`)];
  const read = (name: string) => readFileSync(path(name), "utf8");

  async function compare(night: number, ...words: readonly string[]): Promise<ProgramRun & { lines: readonly Line[] }> {
    const json = path("report.ndjson");
    const run = await spooldiff(["compare", ...manifests(night), "--format", `json=${json}`, ...words]);
    assert.notEqual(run.status, ExitCode.failed, run.stderr);
    return { ...run, lines: jsonLines(readFileSync(json, "utf8")) };
  }

  const findings = (lines: readonly Line[]) => lines.filter(({ type }) => type === "variance");
  const summaryOf = (lines: readonly Line[]) =>
    lines.at(-1) as Line & { counts: Line & { byState: Line }; history: { findings: Line } };
  const notesOf = (lines: readonly Line[]) => lines.filter(({ type }) => type === "note");

  let first: Awaited<ReturnType<typeof compare>>;
  let known: readonly Line[] = [];

  before(async () => {
    fixture = unpackFixture("c-damaged-legacy");
    folder = fixture.root;
    for (const night of [1, 2, 3]) {
      const at = FIRST_NIGHT + night * NIGHT;
      const [primary = "", replica = ""] = manifests(night);
      await scanConf(path("replica/imapd.conf"), replica, { host: "mx2", role: "replica", readAtMs: at });
      await scanConf(path("primary/imapd.conf"), primary, {
        host: "mx1",
        role: "primary",
        readAtMs: at + 60_000,
        after: replica,
      });
    }
    first = await compare(1, "--state", path("pair.db"));
    known = findings(first.lines).filter(({ state }) => state !== "unproven");
    assert.ok(known.length > 15, `${known.length} findings`);
    assert.equal(first.status, ExitCode.variance);
    // Without an entry of its own a pair that differs in something differs: nothing here accepts by chance.
    writeFileSync(path("ignore.toml"), stringify({ accept: known.map((finding) => entryOf(finding, "2999-12-31")) }));
    writeFileSync(path("expired.toml"), stringify({ accept: known.map((finding) => entryOf(finding, "2020-01-01")) }));
  });
  after(() => fixture.cleanup());

  test("takes what is accepted out of verdict and exit code, and says how much that is", async () => {
    const names = ["text", "csv", "junit", "nagios", "prometheus"] as const;
    const formats = names.flatMap((name) => ["--format", `${name}=${path(name)}`]);
    const words = [
      "--ignore",
      path("ignore.toml"),
      "--state",
      path("pair.db"),
      "--worklist",
      path("lists"),
      ...formats,
    ];
    const { status, lines } = await compare(2, ...words);
    assertLines("compare", lines);
    const summary = summaryOf(lines);
    const unproven = findings(lines).filter(({ state }) => state === "unproven").length;

    assert.equal(findings(lines).length, findings(first.lines).length, "nothing is gone");
    assert.equal(findings(lines).filter(({ accepted }) => accepted !== undefined).length, known.length);
    assert.equal(summary.counts.accepted, known.length);
    assert.deepEqual(summary.counts.byState, unproven === 0 ? {} : { unproven });
    assert.equal(status, unproven === 0 ? ExitCode.ok : ExitCode.incomplete);
    assert.equal(summary.verdict, unproven === 0 ? "in-sync" : "incomplete");
    assert.deepEqual(
      notesOf(lines).filter((note) => String(note.class).startsWith("acceptance")),
      [],
    );

    const apart = `apart from ${known.length} accepted differences`;
    assert.ok(read("text").replace(/\s+/g, " ").split("primary mx1")[0]?.includes(apart));
    assert.match(read("text"), new RegExp(`\\naccepted {2}${known.length} findings, in no total and no verdict\\n`));
    assert.match(
      read("nagios"),
      new RegExp(`^SPOOLDIFF ${unproven === 0 ? "OK" : "UNKNOWN"} - .*[; ]${apart}\\|.* accepted=${known.length};`),
    );
    assert.equal(read("csv").split("2999-12-31").length - 1, known.length);
    assert.match(read("junit"), /failures="0"/);
    assert.equal(
      read("junit").split('<skipped message="accepted until 2999-12-31: known, &quot;ticket&quot; &lt;4711&gt;.')
        .length - 1,
      known.length,
    );
    assert.match(read("prometheus"), /spooldiff_\w*findings\{[^}]*state="damaged"[^}]*\} 0\n/);

    assert.deepEqual(
      readdirSync(path("lists")).filter((name) => /users|mailboxes|sync-log|copy-|reset/.test(name)),
      [],
    );
    assert.ok(existsSync(path("lists/README.txt")));
  });

  test("leaves nothing of it open in the state file, and the trend says so", async () => {
    const { stdout, status } = await spooldiff(["trend", path("pair.db"), "--format", "json"]);
    const [pair] = jsonLines(stdout) as readonly (Line & { last: { open: Line } })[];
    assertLines("trend", jsonLines(stdout));
    const { unproven, ...open } = pair?.last.open ?? {};
    assert.deepEqual(open, { all: unproven, damaged: 0, diverged: 0, "in-flight": 0 });
    assert.equal(pair?.accepted, known.length);
    assert.notEqual(status, ExitCode.variance);
    const text = (await spooldiff(["trend", path("pair.db")])).stdout.replace(/\s+/g, " ");
    assert.ok(text.includes(`apart from ${known.length} accepted differences`), text);
  });

  test("covers nothing any more when the day has passed: all counts again, and is back in the state file", async () => {
    const { status, lines } = await compare(3, "--ignore", path("expired.toml"), "--state", path("pair.db"));
    assert.equal(status, ExitCode.variance);
    const summary = summaryOf(lines);
    assert.equal(summary.counts.accepted, 0);
    assert.deepEqual(summary.counts.byState, summaryOf(first.lines).counts.byState);
    assert.equal(notesOf(lines).filter((note) => note.class === "acceptance-expired").length, known.length);
    assert.equal(summary.history.findings.reopened, known.length);
  });

  test("covers damage by no pattern, and says of an entry that covers nothing where it is", async () => {
    const corrupt = '[[accept]]\nclass = "file-corrupt"\nmailbox = "*"\nreason = "no"\nexpires = 2999-12-31\n';
    const unused = '[[accept]]\nclass = "acl-differs"\nmailbox = "user.nobody"\nreason = "no"\nexpires = 2999-12-31\n';
    writeFileSync(path("broad.toml"), corrupt + unused);
    const { status, lines } = await compare(1, "--ignore", path("broad.toml"));
    assert.equal(status, ExitCode.variance);
    assert.equal(summaryOf(lines).counts.accepted, 0);
    const notes = notesOf(lines).filter((note) => String(note.class).startsWith("acceptance"));
    assert.deepEqual(
      notes.map((note) => note.class),
      ["acceptance-refused", "acceptance-unused"],
    );
    assert.match(
      String(notes[1]?.explain),
      /broad\.toml, line 6 until 2999-12-31 \(no\), covers no finding of this run$/,
    );
  });

  test("does the same for inspect", async () => {
    const [, replica = ""] = manifests(1);
    const plain = await spooldiff(["inspect", replica, "--format", "json"]);
    const own = findings(jsonLines(plain.stdout));
    const accept = own.filter(({ state }) => state !== "unproven").map((finding) => entryOf(finding, "2999-12-31"));
    assert.equal(plain.status, ExitCode.variance);
    writeFileSync(path("own.toml"), stringify({ accept }));
    const { status, stdout } = await spooldiff(["inspect", replica, "--ignore", path("own.toml"), "--format", "json"]);
    assertLines("inspect", jsonLines(stdout));
    assert.equal(summaryOf(jsonLines(stdout)).counts.accepted, accept.length);
    assert.equal(status, own.length === accept.length ? ExitCode.ok : ExitCode.incomplete);
  });
});
