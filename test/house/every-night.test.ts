/** The recipe of the README, "Every night": its very text, run for three nights on two directories. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { NAGIOS_CODES } from "../../src/report/nagios.ts";
import { jsonLines, PROGRAM, spooldiff } from "../support/command-line.ts";
import { findCyrus } from "../support/cyrus-server/binaries.ts";
import { type UnpackedFixture, unpackFixture } from "../support/fixtures.ts";
import { skipHere } from "../support/skip-here.ts";

const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

/** The files of the recipe, by path. */
function recipe(): ReadonlyMap<string, string> {
  const section = README.split("### Every night\n")[1]?.split(/^### /m)[0] ?? "";
  const blocks = [...section.matchAll(/<!-- (\/\S+) on .* -->\n```\w+\n([\s\S]*?)```\n/g)];
  return new Map(blocks.map(([, path = "", text = ""]) => [path, text]));
}

suite("every night", () => {
  let fixture: UnpackedFixture;
  /** A host: its own /usr/local, and its own directory of manifests. */
  const hosts = { mx1: "primary", mx2: "replica" } as const;
  const at = (...below: string[]) => join(fixture.root, "night", ...below);

  before(async () => {
    fixture = unpackFixture("a-legacy-insync");
    // Files that were made a moment before they are read are read again by the next scan, as no mail is a night later.
    const settled = setTimeout(2100);
    const files = recipe();
    for (const [host, folder] of Object.entries(hosts)) {
      mkdirSync(at(host, "lib"), { recursive: true });
      mkdirSync(at(host, "bin"), { recursive: true });
      for (const [path, text] of files) {
        if (!path.startsWith("/usr/local/sbin/")) continue;
        const placed = text
          .replaceAll("mx2:/var/lib/spooldiff", at("mx2/lib"))
          .replaceAll("/var/lib/spooldiff", at(host, "lib"))
          .replaceAll("/usr/local/sbin", at(host, "bin"))
          .replaceAll("/etc/imapd.conf", join(fixture.root, folder, "imapd.conf"));
        assert.doesNotMatch(
          placed.replaceAll(fixture.root, ""),
          /[\s"'=:]\/(?:etc|usr|var)\//,
          "every path has another one here",
        );
        write(at(host, "bin", path.slice("/usr/local/sbin/".length)), placed);
      }
      write(at(host, "bin/spooldiff"), `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
      write(at(host, "bin/mail"), `#!/bin/sh\n{ echo "$@"; cat; } >> '${at("mails")}'\n`);
    }
    await settled;
    const { binaries } = findCyrus();
    const rsync = binaries === null ? "" : join(binaries.programs, "../../../bin/rsync");
    if (binaries === null || !existsSync(rsync)) return;
    const libraries = binaries.environment.LD_LIBRARY_PATH ?? "";
    write(at("mx1/bin/rsync"), `#!/bin/sh\nLD_LIBRARY_PATH='${libraries}' exec '${rsync}' "$@"\n`);
  });
  after(() => fixture.cleanup());

  function write(path: string, text: string): void {
    writeFileSync(path, text);
    chmodSync(path, 0o755);
  }

  /** Runs a script of a host as its timer would. */
  function run(host: keyof typeof hosts, script: string, ...words: readonly string[]) {
    const path = `${at(host, "bin")}:${process.env.PATH}`;
    return spawnSync(at(host, "bin", script), words, {
      encoding: "utf8",
      env: { ...process.env, PATH: path },
      timeout: 120_000,
    });
  }

  function night(): number | null {
    const scanned = run("mx2", "spooldiff-scan", "mx2", "--role", "replica");
    assert.equal(scanned.status, 0, scanned.stderr);
    const compared = run("mx1", "spooldiff-night");
    return compared.status;
  }

  const report = () => readFileSync(at("mx1/lib/report.txt"), "utf8");
  const manifests = (host: keyof typeof hosts) =>
    readdirSync(at(host, "lib")).filter((name) => /^mx\d-.*Z\.db$/.test(name));

  test("is in the README, with two scripts, a service and a timer", () => {
    assert.deepEqual(
      [...recipe().keys()],
      [
        "/usr/local/sbin/spooldiff-scan",
        "/usr/local/sbin/spooldiff-night",
        "/etc/systemd/system/spooldiff-scan.service",
        "/etc/systemd/system/spooldiff-scan.timer",
      ],
    );
    const service = recipe().get("/etc/systemd/system/spooldiff-scan.service") ?? "";
    const started = /^ExecStart=(\S+)/m.exec(service)?.[1] ?? "";
    assert.ok(recipe().has(started), started);
  });

  test("compares a pair in sync, mails nobody, and is content with the next night too", (context) => {
    const PATH = `${at("mx1/bin")}:${process.env.PATH}`;
    if (spawnSync("rsync", ["--version"], { env: { ...process.env, PATH } }).status !== 0) {
      return skipHere(context, "no rsync here; .ci/install-servers puts it there");
    }
    for (const number of [1, 2]) {
      assert.equal(night(), 0, report());
      assert.match(report(), /^IN-SYNC {2}/);
      assert.match(report(), number === 1 ? /starts now/ : /comparison 2 of this pair/);
    }
    assert.ok(!existsSync(at("mails")));
    assert.deepEqual([manifests("mx1").length, manifests("mx2").length], [2, 2]);
  });

  test("mails what needs a person, and leaves the trend for monitoring", async (context) => {
    if (!existsSync(at("mx1/lib/pair.db"))) return skipHere(context, "no rsync here");
    const messages = join(fixture.root, "replica/spool/user/alice");
    const [file = ""] = readdirSync(messages).filter((name) => /^\d+\.$/.test(name));
    unlinkSync(join(messages, file));
    assert.equal(night(), 0, report());
    assert.match(readFileSync(at("mails"), "utf8"), /^-s spooldiff: exit code 1 postmaster\nDAMAGED {2}/);
    const [summary] = jsonLines((await spooldiff(["inspect", at("mx1/lib/mx1.db"), "--format", "json"])).stdout).slice(
      -1,
    );
    const { bytesCarried } = (summary?.coverage ?? {}) as { bytesCarried?: string };
    assert.ok(Number(bytesCarried) > 0, "a night builds upon the one before");
    const polled = await spooldiff(["trend", at("mx1/lib/pair.db"), "--format", "nagios", "--max-age", "26h"]);
    assert.equal(polled.status, NAGIOS_CODES.CRITICAL, polled.stdout);
    assert.ok(README.includes("spooldiff trend /var/lib/spooldiff/pair.db --format nagios --max-age 26h"));
  });

  test("fails, and mails why, when there is nothing to compare with", (context) => {
    if (!existsSync(at("mx1/lib/pair.db"))) return skipHere(context, "no rsync here");
    rmSync(at("mails"));
    writeFileSync(at("mx2/lib/mx2.db"), "not a manifest");
    assert.notEqual(run("mx1", "spooldiff-night").status, 0);
    assert.match(
      readFileSync(at("mails"), "utf8"),
      /^-s spooldiff: exit code 2 postmaster\nspooldiff: Cannot .*mx2\.db/,
    );
  });

  test("keeps 14 manifests of each host, the newest", (context) => {
    if (!existsSync(at("mx1/lib/pair.db"))) return skipHere(context, "no rsync here");
    rmSync(at("mx2/lib/mx2.db"));
    for (let day = 1; day <= 20; day++)
      writeFileSync(at(`mx2/lib/mx2-202001${String(day).padStart(2, "0")}T010000Z.db`), "");
    assert.equal(run("mx2", "spooldiff-scan", "mx2", "--role", "replica").status, 0);
    const kept = manifests("mx2").sort();
    assert.equal(kept.length, 14);
    assert.ok((kept.at(-1) ?? "") > "mx2-2021");
  });
});
