/**
 * `npm run impact`: what a scan does to the people whose mail it reads. A real Cyrus on loopback, four sessions that
 * append and fetch messages all the time, and beside them in turn nothing, full scans of that spool at full speed, and
 * one under brakes. Prints how long an APPEND and a FETCH took, and the ratios to what they took with nothing beside.
 *
 * `--rounds 3 --seconds 10 --messages 4000 --seed N`. It needs the servers that `.ci/install-servers` installs, and
 * `npm run build` first. On a busy machine only the ratios say anything.
 */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ended, startSpooldiff } from "./support/command-line.ts";
import { cyrusToTestWith } from "./support/cyrus-server/binaries.ts";
import type { ImapClient } from "./support/cyrus-server/imap-client.ts";
import { CyrusPair } from "./support/cyrus-server/pair.ts";
import { createRandom } from "./support/random.ts";

const BRAKES = ["--max-rate", "5M", "--max-files", "200"];
const CONDITIONS: Readonly<Record<string, readonly string[] | null>> = {
  "no scan": null,
  "full speed": [],
  [BRAKES.join(" ")]: BRAKES,
};
const USERS = ["ada", "ben", "cleo", "dan"];
const MESSAGE_BYTES = 40_000;
/** People think in between. */
const PAUSE_MS = 15;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "10" },
    messages: { type: "string", default: "4000" },
    seed: { type: "string", default: "1" },
  },
});
const [rounds, seconds, messages] = [Number(values.rounds), Number(values.seconds), Number(values.messages)];
if (![rounds, seconds, messages].every((n) => Number.isInteger(n) && n > 0)) {
  throw new RangeError("Cannot use these numbers: --rounds, --seconds and --messages are whole numbers from 1");
}
const random = createRandom(Number(values.seed));

/** Milliseconds that each command of one kind took. */
type Latencies = Record<"APPEND" | "FETCH", number[]>;

function messageOf(number: number): Buffer {
  const line = () => `${Array.from({ length: 12 }, () => random.integer(0, 2 ** 31).toString(36)).join(" ")}\r\n`;
  let text = `Date: Thu, 26 Nov 2026 10:00:00 +0000\r\nMessage-ID: <${number}@impact.test>\r\n\r\n`;
  while (text.length < MESSAGE_BYTES) text += line();
  return Buffer.from(text);
}

let appended = 0;

/** Of one message many: Cyrus takes no more than a few that are the same. */
function numbered(message: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`X-Number: ${++appended}\r\n`), message]);
}

/** Makes users whose mailboxes hold `messages` messages in all. */
async function fill(pair: CyrusPair): Promise<void> {
  const admin = await pair.imap("primary");
  for (const user of USERS) await admin.command(`CREATE user/${user}`);
  const bodies = Array.from({ length: 50 }, (_, i) => messageOf(i));
  await Promise.all(
    USERS.map(async (user) => {
      const session = await pair.openImap("primary", user);
      await session.command("CREATE INBOX/Sent");
      for (let i = 0; i < messages / USERS.length; i++) {
        await session.append("INBOX", numbered(random.pick(bodies)));
      }
      await session.close();
    }),
  );
}

async function timed(into: number[], command: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  await command();
  into.push(performance.now() - began);
}

/** One person: appends a message, fetches another one, thinks, and so on. */
async function person(session: ImapClient, body: Buffer, untilMs: number, into: Latencies): Promise<void> {
  await session.command("SELECT INBOX");
  const most = Math.floor(messages / USERS.length);
  while (performance.now() < untilMs) {
    const message = numbered(body);
    await timed(into.APPEND, () => session.append("INBOX/Sent", message));
    await setTimeout(PAUSE_MS);
    await timed(into.FETCH, () => session.command(`UID FETCH ${random.integer(1, most)} (FLAGS BODY.PEEK[]<0.1000>)`));
    await setTimeout(PAUSE_MS);
  }
}

/** Scans one after the other until it is told to end. */
class Scanning {
  readonly #done: Promise<void>;
  #going = true;
  #child: ChildProcess | null = null;

  constructor(pair: CyrusPair, words: readonly string[]) {
    this.#done = this.#scan(pair, words);
  }

  async end(): Promise<void> {
    this.#going = false;
    this.#child?.kill("SIGKILL");
    await this.#done;
  }

  async #scan(pair: CyrusPair, words: readonly string[]): Promise<void> {
    const output = join(pair.folder, "impact.db");
    while (this.#going) {
      const scan = ["scan", "-C", pair.configuration("primary"), "-o", output, "--restart", "--quiet", ...words];
      this.#child = startSpooldiff(scan, { timeoutMs: 600_000 });
      const { status, stderr } = await ended(this.#child);
      assert.ok(status === null || status === 0 || status === 3, stderr);
    }
    for (const end of ["", ".partial", ".partial-journal"]) rmSync(`${output}${end}`, { force: true });
  }
}

async function round(pair: CyrusPair, words: readonly string[] | null, into: Latencies): Promise<void> {
  const scanning = words === null ? null : new Scanning(pair, words);
  // Starting the program is no part of what a scan of hours does to a host.
  await setTimeout(1500);
  const until = performance.now() + seconds * 1000;
  await Promise.all(
    USERS.map(async (user, i) => {
      const session = await pair.openImap("primary", user);
      await person(session, messageOf(i), until, into);
      await session.close();
    }),
  );
  await scanning?.end();
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

const { binaries, missing } = cyrusToTestWith();
if (binaries === null) throw new Error(`Cannot measure: ${missing}`);
const pair = await CyrusPair.start(binaries, { layout: "legacy" });
try {
  await fill(pair);
  const taken = new Map(Object.keys(CONDITIONS).map((name) => [name, { APPEND: [], FETCH: [] } as Latencies]));
  for (let i = 0; i < rounds; i++) {
    for (const [name, words] of Object.entries(CONDITIONS)) await round(pair, words, taken.get(name) as Latencies);
  }
  const load = loadavg()[0]?.toFixed(1);
  console.log(
    `${rounds} rounds of ${seconds} s each, in turn; ${messages} messages of ${MESSAGE_BYTES} bytes, cached;`,
  );
  console.log(`${availableParallelism()} cores, load ${load}, Node.js ${process.version}\n`);
  console.log("| beside it | command | n | median ms | p95 ms | median, ratio | p95, ratio |");
  console.log("|---|---|---|---|---|---|---|");
  for (const [name, latencies] of taken) {
    for (const command of ["APPEND", "FETCH"] as const) {
      const figures = (of: Latencies) => {
        const sorted = [...of[command]].sort((a, b) => a - b);
        return [quantile(sorted, 0.5), quantile(sorted, 0.95)] as const;
      };
      const [median, p95] = figures(latencies);
      const [median0, p950] = figures(taken.get("no scan") as Latencies);
      const ratios = `${(median / median0).toFixed(2)} | ${(p95 / p950).toFixed(2)}`;
      const n = latencies[command].length;
      console.log(`| ${name} | ${command} | ${n} | ${median.toFixed(1)} | ${p95.toFixed(1)} | ${ratios} |`);
    }
  }
} finally {
  await pair.stop();
}
