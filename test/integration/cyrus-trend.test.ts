/**
 * A real Cyrus IMAP pair on loopback, over several comparisons with one state file: its replication stops while people
 * go on working, and later goes on. What `trend` says each time is what the README defines.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ExitCode } from "../../src/errors.ts";
import { jsonLines, spooldiff } from "../support/command-line.ts";
import { cyrusToTestWith } from "../support/cyrus-server/binaries.ts";
import { churn } from "../support/cyrus-server/churn.ts";
import { ADMIN } from "../support/cyrus-server/configuration.ts";
import { quoted } from "../support/cyrus-server/imap-syntax.ts";
import { CyrusPair } from "../support/cyrus-server/pair.ts";
import { Scans } from "../support/cyrus-server/scans.ts";
import { appendSample, type SeededUser } from "../support/cyrus-server/seed.ts";
import { chosenSeed, createRandom } from "../support/random.ts";
import { sampleMessage } from "../support/sample-message.ts";

const USERS = ["alice", "bob"];
/** Of mailboxes that are nobody's, too. */
const ALL_CONVERGED = { null: "converged", alice: "converged", bob: "converged" };
/** Comparisons while replication stands still. */
const STANDSTILL = 5;

const { binaries, missing } = cyrusToTestWith();
const seedNumber = chosenSeed();

describe(`trend of a Cyrus IMAP pair (seed ${seedNumber})`, { skip: missing ?? false }, () => {
  const random = createRandom(seedNumber);
  const folder = mkdtempSync(join(tmpdir(), "spooldiff-trend-"));
  const state = join(folder, "pair.db");
  let pair: CyrusPair;
  let scans: Scans;
  let users: SeededUser[];

  before(async () => {
    assert(binaries !== null);
    pair = await CyrusPair.start(binaries, { layout: "uuid" });
    scans = new Scans(pair);
    await makeShared();
    users = await Promise.all(USERS.map((name) => newUser(name)));
    await pair.sync();
  });

  after(async () => {
    scans?.delete();
    await pair?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What everybody reads. */
  async function makeShared(): Promise<void> {
    const admin = await pair.imap("primary");
    for (const name of ["shared", "shared/announce"]) {
      await admin.command(`CREATE ${name}`);
      await admin.command(`SETACL ${name} ${ADMIN} lrswipkxtecdan`);
      await admin.command(`SETACL ${name} anyone lrsp`);
      // Not \Seen: of the administrator, who is no user, sync_client brings no seen state.
      const { bytes, date } = sampleMessage(random);
      await admin.append(name, bytes, [], date);
    }
  }

  async function newUser(name: string): Promise<SeededUser> {
    const admin = await pair.openImap("primary");
    await admin.command(`CREATE ${quoted(`user/${name}`)}`);
    await admin.command(`SETACL ${quoted(`user/${name}`)} ${ADMIN} lrswipkxtecdan`);
    await admin.close();
    const session = await pair.imap("primary", name);
    await session.command("CREATE INBOX/Work");
    for (const mailbox of ["INBOX", "INBOX", "INBOX/Work"]) await appendSample(session, mailbox, random);
    return { name, mailboxes: ["INBOX", "INBOX/Work"] };
  }

  /** Compares, remembers it, and returns what `trend` then says of the pair, and of each user. */
  async function next(): Promise<{ word: unknown; users: Record<string, unknown>; told: string }> {
    const replica = await scans.scan("replica", "--workers", "1");
    const primary = await scans.scan("primary", "--workers", "1", "--after", replica);
    const compared = await spooldiff(["compare", primary, replica, "--state", state, "--format", "json"]);
    const lines = jsonLines(compared.stdout);
    const history = lines.at(-1)?.history as { notCounted: unknown } | undefined;
    assert.equal(history?.notCounted, null, compared.stderr);
    const { status, stdout } = await spooldiff(["trend", state, "--format", "json"]);
    const [trend, ...ofUsers] = jsonLines(stdout);
    const word = trend?.verdict;
    const alarm = word === "stalled" || word === "diverging";
    assert.equal(status, alarm ? ExitCode.variance : word === "unknown" ? ExitCode.incomplete : ExitCode.ok);
    const findings = lines.filter(({ type }) => type === "variance").map((line) => JSON.stringify(line));
    const told = [`${trend?.reason}; last: ${JSON.stringify(trend?.last)}`, ...findings.slice(0, 20)].join("\n");
    return { word, users: Object.fromEntries(ofUsers.map(({ user, verdict }) => [String(user), verdict])), told };
  }

  it("follows it from converged over stalled and converging to converged", async (context) => {
    assert.equal((await next()).word, "unknown", "one comparison says nothing");
    const healthy = await next();
    assert.deepEqual([healthy.word, healthy.users], ["converged", ALL_CONVERGED], healthy.told);

    // Nothing replicates, and people go on working.
    let working = true;
    const [alice = assert.fail()] = users;
    const load = churn(pair, alice, random, () => working);
    load.catch(() => {}); // awaited below
    let goingOn: Awaited<ReturnType<typeof next>>;
    try {
      const words: unknown[] = [];
      for (let comparison = 1; comparison <= STANDSTILL; comparison++) {
        await pair.deliver([{ to: ["bob"], message: sampleMessage(random).bytes }]);
        const { word, users: ofUsers, told } = await next();
        words.push(word);
        // At first sight it may all be on its way. From the second on some of it has stayed where it was.
        assert.equal(word, comparison === 1 ? "steady" : "stalled", `comparison ${comparison}: ${told}`);
        if (comparison === STANDSTILL) assert.deepEqual([ofUsers.alice, ofUsers.bob], ["stalled", "stalled"], told);
      }
      const { stdout } = await spooldiff(["trend", state, "--format", "nagios"]);
      assert.match(stdout, /^SPOOLDIFF CRITICAL - stalled, /);

      // It goes on, and so do they: what had waited is brought, something new is on its way.
      const endRolling = pair.rolling();
      await pair.sync().finally(endRolling);
      working = false;
      context.diagnostic(`${words.join(", ")} over ${await load} acts`);
      await pair.deliver([{ to: USERS, message: sampleMessage(random).bytes }]);
      goingOn = await next();
    } finally {
      working = false;
      await load.catch(() => {});
    }
    assert.equal(goingOn.word, "converging", goingOn.told);

    await pair.sync();
    const caughtUp = await next();
    assert.deepEqual([caughtUp.word, caughtUp.users], ["converged", ALL_CONVERGED], caughtUp.told);
  });
});
