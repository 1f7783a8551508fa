import assert from "node:assert/strict";
import { hash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { openUntrusted } from "../src/sqlite/database.ts";
import { skipHere } from "../test/support/skip-here.ts";
import { ensureTree } from "./generate.ts";
import { parseOptions } from "./options.ts";
import { makePair } from "./pair.ts";
import { buildRoof, parseRoofOutput } from "./roof.ts";
import { runRounds } from "./rounds.ts";
import type { Row, RowId } from "./row.ts";
import { planRows, scanCommand, type Tools, WITHOUT_STATS } from "./rows.ts";
import { type RowSummary, spreadOf, summarize } from "./statistics.ts";
import { formatMissing, formatTargets } from "./table.ts";
import { judge, noisyRows } from "./targets.ts";
import { measure } from "./timing.ts";

const PLAN = { name: "test", messages: 300, mailboxes: 13, medianBytes: 3000, sigma: 1, maxBytes: 1e6, seed: 3 };

function inTemporaryDirectory(use: (directory: string) => void): void {
  const directory = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "spooldiff-bench-test-")));
  try {
    use(directory);
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

function rowsOf(seconds: Partial<Record<RowId, readonly number[]>>): Map<RowId, RowSummary> {
  const entries = Object.entries(seconds) as [RowId, readonly number[]][];
  return new Map(
    entries.map(([id, series]) => [
      id,
      summarize(series.map((wallSeconds) => ({ wallSeconds, cpuSeconds: 1, maxRssBytes: 100 << 20 }))),
    ]),
  );
}

test("spreadOf() takes the middle of an odd series and the mean of the two middles of an even one", () => {
  assert.deepEqual(spreadOf([9, 1, 2]), { median: 2, min: 1, max: 9 });
  assert.deepEqual(spreadOf([4, 1, 2, 10]), { median: 3, min: 1, max: 10 });
  assert.throws(() => spreadOf([]), RangeError);
});

test("judge() says which targets hold, which are missed and which lack a row", () => {
  const results = judge("small", rowsOf({ full: [2, 2, 2], hashdeep: [6, 6, 6], md5sum: [2, 2, 2], quick: [1, 1, 1] }));
  const verdicts = Object.fromEntries(results.map(({ target, verdict }) => [target.says, verdict]));
  assert.equal(verdicts["hashdeep / full"], "holds");
  assert.equal(verdicts["md5sum / full"], "missed");
  assert.equal(verdicts["quick / full"], "holds");
  assert.equal(verdicts["full / roof-full"], "not measured");
  assert.equal(verdicts["peak memory of scan, level full"], "holds");
});

test("judge() gives no verdict on any target when one row scattered", () => {
  const summaries = rowsOf({ full: [2, 2, 2], hashdeep: [6, 6, 6], "roof-stat": [0.2, 0.2, 0.31] });
  assert.deepEqual(noisyRows(summaries), ["roof-stat"]);
  assert.ok(judge("small", summaries).every(({ verdict }) => verdict === "noisy" || verdict === "not measured"));
  const measurements = { summaries, samples: new Map(), failed: [] };
  const text = formatTargets(judge("small", summaries), measurements);
  assert.match(text, /noisy, no verdict.*roof-stat/);
  assert.doesNotMatch(text, /holds|missed/);
});

test("formatMissing() names a shared reason once", () => {
  const text = formatMissing([
    { id: "full", reason: "not built" },
    { id: "hashdeep", reason: "not there" },
    { id: "stat", reason: "not built" },
  ]);
  assert.equal(text, "left out: full, stat: not built\nleft out: hashdeep: not there\n");
});

test("parseOptions() refuses what it does not know and too few rounds", () => {
  assert.equal(parseOptions(["--help"]), null);
  assert.equal(parseOptions([])?.rounds, 3);
  assert.equal(parseOptions(["--full"])?.rounds, 5);
  assert.throws(() => parseOptions(["--fast"]), TypeError);
  assert.throws(() => parseOptions(["--rounds", "2"]), RangeError);
});

test("measure() reports CPU seconds and memory of grandchildren, and failures as values", () => {
  inTemporaryDirectory((directory) => {
    const busy = "const b = Buffer.alloc(200 << 20, 1); const t = Date.now(); while (Date.now() - t < 300) b[0]++;";
    const command = ["sh", "-c", '"$1" -e "$2"; echo done', "sh", process.execPath, busy];
    const run = measure(command, `${directory}/time`, true);
    assert.ok(run.status === "done");
    assert.equal(run.output, "done\n");
    assert.ok(run.sample.cpuSeconds >= 0.2 && run.sample.wallSeconds >= 0.3);
    assert.ok(run.sample.maxRssBytes > 200 << 20);
    const failure = measure(["sh", "-c", "echo no such thing >&2; exit 3"], `${directory}/time`, false);
    assert.deepEqual(failure, { status: "failed", reason: "ended with exit code 3: no such thing" });
  });
});

test("runRounds() interleaves rows, does not count the warm-up, and drops a row that fails", () => {
  inTemporaryDirectory((directory) => {
    const log: string[] = [];
    const row = (id: RowId, script: string): Row => ({
      id,
      label: id,
      command: ["sh", "-c", script],
      prepare: () => log.push(id),
      objection: (output) => (output === "" ? null : `it printed ${output}`),
    });
    const rows = [row("full", "true"), row("hashdeep", "printf x"), row("md5sum", "true")];
    const { samples, failed } = runRounds(rows, 2, `${directory}/time`, () => {});
    assert.deepEqual(log, ["full", "hashdeep", "md5sum", "full", "md5sum", "full", "md5sum"]);
    assert.deepEqual(failed, [{ id: "hashdeep", reason: "it printed x" }]);
    assert.deepEqual(
      [...samples].map(([id, series]) => [id, series.length]),
      [
        ["full", 2],
        ["md5sum", 2],
      ],
    );
  });
});

/** A program in place of spooldiff: notes its arguments, writes an `-o` file, and fails in the command `failing`. */
function writeStandIn(directory: string, failing: string): string {
  const program = `${directory}/stand-in.cjs`;
  fs.writeFileSync(
    program,
    `const fs = require("node:fs"), a = process.argv.slice(2);
    fs.appendFileSync(${JSON.stringify(directory)} + "/log", a.join(" ") + "\\n");
    if (a.includes("-o")) fs.writeFileSync(a[a.indexOf("-o") + 1], "", { flag: "wx" });
    if (a[0] === ${JSON.stringify(failing)}) { console.error("not healthy\\nmore"); process.exitCode = 1; }`,
  );
  return program;
}

test("makePair() scans the replica first, then the primary, and asks for its health", () => {
  inTemporaryDirectory((directory) => {
    const tree = ensureTree(PLAN, directory, () => {});
    const tools: Tools = {
      roof: { status: "missing", reason: "no compiler" },
      spooldiff: writeStandIn(directory, ""),
      peers: new Set(),
    };
    const manifests = makePair(tree, tools, `${directory}/manifests`);
    const lines = fs.readFileSync(`${directory}/log`, "utf8").trim().split("\n");
    assert.deepEqual(
      lines.map((line) => line.split(" ")[0]),
      ["scan", "scan", "inspect"],
    );
    assert.ok(lines[0]?.includes(tree.replicaConf) && lines[1]?.includes(tree.primaryConf));
    const { rows, missing } = planRows(tree, tools, manifests);
    assert.deepEqual(
      rows.map(({ id }) => id),
      ["full", "full-no-stats", "md5sum", "quick", "stat", "index", "rescan", "compare"],
    );
    assert.deepEqual(
      missing.map(({ id }) => id),
      ["roof-full", "roof-lanes", "hashdeep", "hashdeep-both", "rclone", "rhash", "roof-read", "roof-stat"],
    );
    // The stand-in refuses to overwrite: every round's scan must be a first one.
    const { failed } = runRounds(rows, 1, `${directory}/time`, () => {});
    assert.deepEqual(failed, []);
  });
});

test("planRows() measures nothing of spooldiff on a spool that it does not call healthy", () => {
  inTemporaryDirectory((directory) => {
    const tree = ensureTree(PLAN, directory, () => {});
    const tools: Tools = {
      roof: { status: "missing", reason: "no compiler" },
      spooldiff: writeStandIn(directory, "inspect"),
      peers: new Set(["hashdeep"]),
    };
    const { rows, missing } = planRows(tree, tools, makePair(tree, tools, `${directory}/manifests`));
    assert.deepEqual(
      rows.map(({ id }) => id),
      ["hashdeep", "hashdeep-both", "md5sum"],
    );
    const reason = "spooldiff inspect ended with exit code 1: not healthy";
    assert.deepEqual(
      missing.filter(({ id }) => !id.startsWith("r") || id === "rescan").map((row) => row.reason),
      Array(7).fill(reason),
    );
  });
});

test("ensureTree() makes the same tree again only when it has to", () => {
  inTemporaryDirectory((directory) => {
    const first = ensureTree(PLAN, directory, () => {});
    const said: string[] = [];
    assert.deepEqual(
      ensureTree(PLAN, directory, (line) => said.push(line)),
      first,
    );
    assert.match(said.join(), /^Using/);
    const other = ensureTree({ ...PLAN, seed: 4 }, directory, (line) => said.push(line));
    assert.match(said.join(), /Writing/);
    assert.notEqual(other.sha1Sum, first.sha1Sum);
    // Nothing of the former tree is left among the new one's files.
    assert.equal(fs.globSync(`${other.spool}/**/*.`).length, PLAN.messages);
  });
});

test("roof.c counts and digests every message of a generated tree, and nothing else", (context) => {
  inTemporaryDirectory((directory) => {
    const roof = buildRoof(`${directory}/roof`);
    if (roof.status === "missing") return skipHere(context, roof.reason);
    const tree = ensureTree(PLAN, directory, () => {});
    const added = [...Array(201).keys(), (1 << 20) - 1, 1 << 20, (8 << 20) + 12_345].map((length) =>
      Buffer.alloc(length, `spool ${length}`),
    );
    added.forEach((bytes, i) => void fs.writeFileSync(`${tree.spool}/${i + 1}.`, bytes));
    for (const name of ["01.", "0.", "1.tmp", "1"]) {
      fs.writeFileSync(`${tree.spool}/${name}`, "no message");
    }
    const messages = fs.globSync(`${tree.spool}/**/[1-9]*.`).map((file) => fs.readFileSync(file));
    const sum = (algorithm: string) => {
      const total = messages.reduce((so, bytes) => so + BigInt(`0x${hash(algorithm, bytes).slice(0, 16)}`), 0n);
      return BigInt.asUintN(64, total).toString(16).padStart(16, "0");
    };
    const expected = {
      files: PLAN.messages + added.length,
      bytes: messages.reduce((total, { length }) => total + length, 0),
      md5Sum: sum("md5"),
      sha1Sum: sum("sha1"),
    };
    const run = measure([roof.program, "full", "2", tree.spool], `${directory}/time`, true);
    assert.ok(run.status === "done");
    assert.deepEqual(parseRoofOutput(run.output), expected);
    const lanes = measure([roof.program, "lanes", "2", tree.spool], `${directory}/time`, true);
    if (lanes.status === "failed") {
      assert.match(lanes.reason, /exit code 3: roof: (this processor has no AVX-512|it was not compiled by gcc)/);
      // Not every machine of CI has such a processor.
      return context.skip(lanes.reason);
    }
    // The sum of xxHash64 too, which nothing here computes.
    assert.equal(lanes.output, run.output);
  });
});

test("planRows() takes the lanes' figure only with the MD5s of OpenSSL and the SHA-1s of the tree", () => {
  inTemporaryDirectory((directory) => {
    const tree = ensureTree(PLAN, directory, () => {});
    const tools: Tools = { roof: { status: "built", program: "roof" }, spooldiff: null, peers: new Set() };
    const { rows } = planRows(tree, tools, makePair(tree, tools, `${directory}/manifests`));
    const objection = (id: RowId, md5: string, sha1 = tree.sha1Sum) =>
      rows
        .find((row) => row.id === id)
        ?.objection?.(`files 300 bytes ${tree.bytes} md5 ${md5} sha1 ${sha1} xxh64 ${"0".repeat(16)}\n`);
    const [md5, another] = ["1".repeat(16), "2".repeat(16)];
    assert.match(objection("roof-lanes", md5) ?? "", /MD5s are not those of OpenSSL/);
    assert.equal(objection("roof-full", md5), null);
    assert.equal(objection("roof-lanes", md5), null);
    assert.match(objection("roof-lanes", another) ?? "", /MD5s are not those of OpenSSL/);
    assert.match(objection("roof-lanes", md5, another) ?? "", /SHA-1s are not those of the tree/);
  });
});

test("without-stats.ts makes scan leave out file_stat, and nothing else", () => {
  inTemporaryDirectory((directory) => {
    const program = path.resolve(import.meta.dirname, "../dist/cli/spooldiff.cjs");
    const tree = ensureTree(PLAN, directory, () => {});
    const scan = (output: string, ...before: string[]) => {
      const [node = "", ...words] = scanCommand(program, tree.primaryConf, output, "full");
      assert.equal(measure([node, ...before, ...words], `${directory}/time`, false).status, "done");
      const verified = measure([node, program, "verify", output], `${directory}/time`, true);
      assert.ok(verified.status === "done", "the manifest does not fit its seal");
      assert.match(verified.output, /whole and unaltered\n/);
      return ["message", "mailbox", "file_stat"].map((table) => sealedRows(output, table));
    };
    assert.deepEqual(scan(`${directory}/with.db`), [300, 13, 300]);
    assert.deepEqual(scan(`${directory}/without.db`, "--import", WITHOUT_STATS), [300, 13, 0]);
  });
});

/** Rows of a table of a manifest, by its seal. */
function sealedRows(manifest: string, table: string): number {
  const db = openUntrusted(manifest);
  try {
    return db.prepare("SELECT rows FROM seal WHERE name = ?").pluck().get(table) as number;
  } finally {
    db.close();
  }
}
