/**
 * Work-lists on a real Cyrus IMAP pair: faults of each kind are planted, what the lists say is done word for word, and
 * the next comparison must be clean, with nothing lost on the primary.
 */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ExitCode } from "../../src/errors.ts";
import { jsonLines, spooldiff } from "../support/command-line.ts";
import { cyrusToTestWith } from "../support/cyrus-server/binaries.ts";
import type { LayoutOptions } from "../support/cyrus-server/configuration.ts";
import { judgeAll, listedMailboxes } from "../support/cyrus-server/judge.ts";
import { CyrusPair, type CyrusSide } from "../support/cyrus-server/pair.ts";
import { WorklistShell } from "../support/cyrus-server/printed-commands.ts";
import { Scans } from "../support/cyrus-server/scans.ts";
import { chosenSeed, createRandom, type Random } from "../support/random.ts";
import { sampleMessage } from "../support/sample-message.ts";

/** One user for each kind of fault, so that no fault hides behind another's repair. */
const USERS = [
  ...["copied", "copied-back", "lag", "flags", "conflict", "only-on-replica", "purged", "rights"],
  ...["expunged", "deleted", "made-there", "split", "reborn", "renamed", "no-directory", "index", "header"],
];
const FOLDERS = ["INBOX", "INBOX/Sent", "INBOX/v1.2 notes"];

const { binaries, missing } = cyrusToTestWith();
const LAYOUTS: Readonly<Record<string, LayoutOptions>> = {
  "legacy, hashed": { layout: "legacy", hash: true },
  uuid: { layout: "uuid" },
};

for (const [name, layout] of Object.entries(LAYOUTS)) {
  describe(`work-lists of a Cyrus IMAP pair, ${name}`, { skip: missing ?? false }, () => suite(layout));
}

function suite(layout: LayoutOptions): void {
  let pair: CyrusPair;
  let scans: Scans;
  let folder: string;
  const seedNumber = chosenSeed();
  const random = createRandom(seedNumber);

  before(async (context) => {
    assert(binaries !== null);
    context.diagnostic?.(`SPOOLDIFF_SEED=${seedNumber}`);
    pair = await CyrusPair.start(binaries, layout);
    scans = new Scans(pair);
    folder = mkdtempSync(join(tmpdir(), "spooldiff-worklist-"));
    chmodSync(folder, 0o755);
    await fill(pair, random);
    await pair.sync();
    for (const plant of Object.values(FAULTS)) await plant(pair, random);
  });

  after(async () => {
    await pair?.stop();
    scans?.delete();
    rmSync(folder, { recursive: true, force: true });
  });

  it("say what mends it, and doing that loses nothing", async (context) => {
    assert(binaries !== null);
    const { mail: before } = await mailOf(pair);
    const list = join(folder, "list");
    const findings = await compareWithLists(pair, list);
    const shell = new WorklistShell(binaries, pair, list);
    for (const finding of findings) context.diagnostic(finding);

    const users =
      readFileSync(join(list, "diverged.users"), "utf8") + readFileSync(join(list, "in-flight.users"), "utf8");
    for (const user of [
      "expunged",
      "deleted",
      "made-there",
      "split",
      "reborn",
      "renamed",
      "no-directory",
      "index",
      "header",
    ]) {
      assert.doesNotMatch(
        users,
        new RegExp(`^${user}$`, "m"),
        "sync_client must not be told to do what takes from the primary",
      );
    }
    // The safe order: rescue, copy files, replicate what is harmless, then make the rest anew.
    for (const command of shell.readme("rsync -t ")) await shell.run(command);
    for (const command of shell.readme("sha1sum").filter(({ command: text }) => text.includes('"$RESCUE"')))
      await shell.run(command);
    for (const command of shell.readme("copy-")) await shell.run(command);
    for (const command of shell.readme("sync_client")) await shell.run(command);
    await shell.runResets();

    const next = await scans.both();
    assert.deepEqual(next, { status: ExitCode.ok, findings: [] });
    const { mail: now, spoilt } = await mailOf(pair);
    assert.deepEqual(spoilt, []);
    for (const [mailbox, guids] of before) {
      const left = now.get(mailbox) ?? [];
      for (const guid of new Set(guids)) {
        const count = (all: readonly string[]) => all.filter((each) => each === guid).length;
        assert.ok(count(left) >= count(guids), `the primary has lost ${guid} of ${mailbox}`);
      }
    }
    // What only the replica had, and sync_reset deleted there, was rescued with all its bytes.
    const rescued = readdirSync(shell.rescued, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const texts = rescued.map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
    assert.ok(texts.some((text) => text.includes("made on the replica only")));
  });
}

/** The primary's live messages, as the server itself gives them: GUIDs by mailbox, and files that are not what they name. */
async function mailOf(pair: CyrusPair): Promise<{ mail: Map<string, string[]>; spoilt: string[] }> {
  const judged = await judgeAll(pair, "primary", await listedMailboxes(pair, "primary"));
  const mail = new Map(judged.map(({ name, messages }) => [name, messages.map(({ guid }) => guid)]));
  const spoilt = judged.flatMap(({ name, messages }) =>
    messages.filter(({ guid, sha1 }) => guid !== sha1).map(({ uid }) => `${name} ${uid}`),
  );
  return { mail, spoilt };
}

async function compareWithLists(pair: CyrusPair, list: string): Promise<string[]> {
  const [primary, replica] = [`${list}-primary.db`, `${list}-replica.db`];
  for (const [side, output, ...more] of [
    ["replica", replica],
    ["primary", primary, "--after", replica],
  ] as const) {
    const words = ["scan", "-C", pair.configuration(side), "-o", output, "--host", `${side}.test`, "--quiet", ...more];
    const { status, stderr } = await spooldiff(words);
    // A mailbox whose index is damaged leaves a scan incomplete.
    assert.ok(status === ExitCode.ok || status === ExitCode.incomplete, stderr);
  }
  const confs = ["-C", pair.configuration("primary"), "--replica-imapd-conf", pair.configuration("replica")];
  const { status, stdout, stderr } = await spooldiff([
    "compare",
    primary,
    replica,
    "--format",
    "json",
    "--worklist",
    list,
    ...confs,
  ]);
  assert.equal(status, ExitCode.variance, stderr);
  return jsonLines(stdout)
    .filter(({ type }) => type === "variance")
    .map(
      ({ class: name, state, side, mailbox, uid, rule }) => `${state} ${name} ${side} ${mailbox} ${uid ?? ""} ${rule}`,
    );
}

async function fill(pair: CyrusPair, random: Random): Promise<void> {
  const admin = await pair.imap("primary");
  await admin.command("CREATE shared");
  await admin.command("SETACL shared cyrus lrswipkxtecdan");
  for (const user of USERS) {
    await admin.command(`CREATE user/${user}`);
    const session = await pair.imap("primary", user);
    for (const name of FOLDERS) {
      if (name !== "INBOX") await session.command(`CREATE "${name}"`);
      for (let i = 0; i < 3; i++) await append(pair, "primary", user, name, random);
    }
  }
  await admin.append("shared", sampleMessage(random).bytes);
}

async function append(pair: CyrusPair, side: CyrusSide, user: string, mailbox: string, random: Random): Promise<void> {
  const { bytes, date } = sampleMessage(random);
  await (await pair.imap(side, user)).append(mailbox, bytes, [], date);
}

/** Where Cyrus' own `mbpath` has a mailbox of a user. */
async function pathsOf(pair: CyrusPair, side: CyrusSide, name: string): Promise<{ data: string; meta: string }> {
  return JSON.parse(await pair.output(side, "mbpath", ["-7", "-j", "-a", `user/${name}`]));
}

/** Path of a message file. */
async function fileOf(pair: CyrusPair, side: CyrusSide, user: string, uid: number, below = ""): Promise<string> {
  return join((await pathsOf(pair, side, `${user}${below}`)).data, `${uid}.`);
}

async function damageFiles(pair: CyrusPair, side: CyrusSide, user: string): Promise<void> {
  const [flipped, cut, gone] = await Promise.all([1, 2, 3].map((uid) => fileOf(pair, side, user, uid)));
  const bytes = readFileSync(flipped ?? "");
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(flipped ?? "", bytes);
  truncateSync(cut ?? "", 40);
  rmSync(gone ?? "");
  // One in a mailbox whose name needs care.
  rmSync(await fileOf(pair, side, user, 2, "/v1.2 notes"));
}

/** Every fault, by the user whom it befalls. */
const FAULTS: Readonly<Record<string, (pair: CyrusPair, random: Random) => Promise<void>>> = {
  copied: (pair) => damageFiles(pair, "replica", "copied"),
  "copied-back": (pair) => damageFiles(pair, "primary", "copied-back"),
  async lag(pair, random) {
    const session = await pair.imap("primary", "lag");
    await append(pair, "primary", "lag", "INBOX", random);
    await session.store("INBOX/Sent", "1", "+FLAGS", "\\Flagged");
    await session.command('CREATE "INBOX/new here"');
    await append(pair, "primary", "lag", "INBOX/new here", random);
    await session.command('SUBSCRIBE "INBOX/Sent"');
    await session.expunge("INBOX/Sent", "2");
    await (await pair.imap("primary")).append("shared", sampleMessage(random).bytes);
  },
  async flags(pair) {
    await (await pair.imap("replica", "flags")).store("INBOX", "2", "+FLAGS", "\\Answered Work");
  },
  async conflict(pair, random) {
    await append(pair, "primary", "conflict", "INBOX", random);
    await append(pair, "replica", "conflict", "INBOX", random);
  },
  "only-on-replica": (pair, random) => append(pair, "replica", "only-on-replica", "INBOX/Sent", random),
  async purged(pair) {
    await (await pair.imap("replica", "purged")).expunge("INBOX", "2");
    await pair.output("replica", "cyr_expire", ["-E", "1", "-X", "0", "-u", "purged"]);
  },
  async rights(pair) {
    const session = await pair.imap("replica", "rights");
    await session.command("SETACL INBOX/Sent lag lr");
    await session.command("SUBSCRIBE INBOX/Sent");
  },
  async expunged(pair) {
    await (await pair.imap("replica", "expunged")).expunge("INBOX", "2");
  },
  async deleted(pair) {
    await (await pair.imap("replica", "deleted")).command("DELETE INBOX/Sent");
  },
  async "made-there"(pair) {
    const session = await pair.imap("replica", "made-there");
    await session.command("CREATE INBOX/Made");
    await session.append("INBOX/Made", Buffer.from("Subject: x\r\n\r\nmade on the replica only\r\n"));
  },
  async split(pair, random) {
    for (const side of ["primary", "replica"] as const) {
      await (await pair.imap(side, "split")).command("CREATE INBOX/Both");
      await append(pair, side, "split", "INBOX/Both", random);
    }
  },
  async reborn(pair, random) {
    const session = await pair.imap("replica", "reborn");
    await session.command("DELETE INBOX/Sent");
    await session.command("CREATE INBOX/Sent");
    await append(pair, "replica", "reborn", "INBOX/Sent", random);
  },
  async renamed(pair) {
    await (await pair.imap("replica", "renamed")).command("RENAME INBOX/Sent INBOX/Moved");
  },
  async "no-directory"(pair) {
    rmSync((await pathsOf(pair, "replica", "no-directory/Sent")).data, { recursive: true });
  },
  async header(pair) {
    truncateSync(join((await pathsOf(pair, "replica", "header/Sent")).meta, "cyrus.header"), 30);
  },
  async index(pair) {
    const path = join((await pathsOf(pair, "replica", "index/Sent")).meta, "cyrus.index");
    const bytes = readFileSync(path);
    const at = bytes.length - 60;
    bytes[at] = (bytes[at] ?? 0) ^ 0x55;
    writeFileSync(path, bytes);
  },
};
