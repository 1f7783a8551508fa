/** Comparisons of a living pair, and what a running Cyrus says to hold them against. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExitCode } from "../../../src/errors.ts";
import { jsonLines, spooldiff } from "../command-line.ts";
import { listedMailboxes } from "./judge.ts";
import type { CyrusPair, CyrusSide } from "./pair.ts";
import { byText, findingText, type Order, SIDES } from "./scans.ts";

type Line = Readonly<Record<string, unknown>>;

/** One comparison: what was found, and from which manifests. */
export interface Round {
  readonly order: Order;
  readonly status: number | null;
  readonly manifests: Readonly<Record<CyrusSide, string>>;
  readonly variances: readonly Line[];
  /** Names of mailboxes that the report says do not agree; by both names where they have two. */
  readonly differing: ReadonlySet<string>;
}

/** Scans of one pair, each into a manifest of its own. */
export class SoakScans {
  readonly #pair: CyrusPair;
  readonly #folder = mkdtempSync(join(tmpdir(), "spooldiff-soak-"));
  #count = 0;

  constructor(pair: CyrusPair) {
    this.#pair = pair;
  }

  /** Where the manifests are. */
  get folder(): string {
    return this.#folder;
  }

  delete(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Scans both sides in one order and compares them. */
  async compare(order: Order): Promise<Round> {
    const manifests = await this.#scanBoth(order);
    const words = ["compare", manifests.primary, manifests.replica, "--format", "json"];
    const { status, stdout, stderr } = await spooldiff(words);
    const lines = jsonLines(stdout);
    if (lines.at(-1)?.type !== "summary") throw new Error(`Cannot compare: status ${status}\n${stderr}`);
    const variances = lines.filter(({ type }) => type === "variance");
    const named = lines.flatMap(({ mailbox, otherMailbox }) => [mailbox, otherMailbox]);
    return { order, status, manifests, variances, differing: new Set(named.map(String)) };
  }

  /** Deletes the manifests of a round that nobody needs any more. */
  forget({ manifests }: Round): void {
    for (const side of SIDES) rmSync(manifests[side]);
  }

  async #scanBoth(order: Order): Promise<Record<CyrusSide, string>> {
    if (order === "at once") {
      const [primary, replica] = await Promise.all([this.#scan("primary"), this.#scan("replica")]);
      return { primary, replica };
    }
    if (order === "primary first") {
      const primary = await this.#scan("primary");
      return { primary, replica: await this.#scan("replica") };
    }
    const replica = await this.#scan("replica");
    return { primary: await this.#scan("primary", "--after", replica), replica };
  }

  /** A scan that met something damaged has done its work. */
  async #scan(side: CyrusSide, ...options: readonly string[]): Promise<string> {
    const manifest = join(this.#folder, `${side}-${++this.#count}.db`);
    const words = ["scan", "-C", this.#pair.configuration(side), "-o", manifest, "--host", `${side}.test`, ...options];
    const { status, signal, stderr } = await spooldiff(words);
    if (status !== ExitCode.ok && status !== ExitCode.incomplete) {
      throw new Error(`Cannot scan the ${side}: ${signal ?? `status ${status}`}\n${stderr}`);
    }
    return manifest;
  }
}

/** Findings of a round as one line each: all of them, or those that replication would not heal. */
export function linesOf(variances: readonly Line[]): string[] {
  return variances.map((v) => findingText(v.class, v.state, v.side, v.mailbox ?? v.owner, v.uid)).toSorted(byText);
}

/** Whatever a round found that is not in flight. */
export function alarms({ variances }: Round): readonly Line[] {
  return variances.filter(({ state }) => state !== "in-flight");
}

/** Names of mailboxes that the two servers describe differently, or that one does not have. Both should hold still. */
export async function serversDisagreeOn(pair: CyrusPair): Promise<string[]> {
  const [primary = new Map<string, string>(), replica = new Map<string, string>()] = await Promise.all(
    SIDES.map((side) => statuses(pair, side)),
  );
  const names = new Set([...primary.keys(), ...replica.keys()]);
  return [...names].filter((name) => primary.get(name) !== replica.get(name)).toSorted(byText);
}

async function statuses(pair: CyrusPair, side: CyrusSide): Promise<Map<string, string>> {
  const described = new Map<string, string>();
  for (const { name, owner, sessionName, uniqueId } of await listedMailboxes(pair, side)) {
    if (name.includes("#")) continue; // no mail: scripts and the like
    const session = await pair.openImap(side, owner ?? undefined);
    try {
      const { messages, uidNext, uidValidity, unseen, highestModseq } = await session.status(sessionName);
      // \Seen of a mailbox that nobody owns lies outside of its index.
      const own = owner === null ? [] : [unseen];
      described.set(name, [uniqueId, messages, uidNext, uidValidity, highestModseq, ...own].join(" "));
    } finally {
      await session.close();
    }
  }
  return described;
}
