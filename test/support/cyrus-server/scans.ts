/** Runs of the compiled program over one Cyrus pair, and what they should print. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExitCode } from "../../../src/errors.ts";
import { jsonLines, spooldiff } from "../command-line.ts";
import type { JudgedMailbox, ListedMailbox } from "./judge.ts";
import type { CyrusPair, CyrusSide } from "./pair.ts";

export const SIDES: readonly CyrusSide[] = ["primary", "replica"];

/** In which order the two sides are scanned. */
export type Order = "replica first" | "primary first" | "at once";
export const ORDERS: readonly Order[] = ["replica first", "primary first", "at once"];

/** Runs of the program over one pair, with the manifests they write. */
export class Scans {
  readonly #pair: CyrusPair;
  readonly #folder = mkdtempSync(join(tmpdir(), "spooldiff-manifests-"));
  #count = 0;

  constructor(pair: CyrusPair) {
    this.#pair = pair;
  }

  delete(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Scans one side and returns the manifest's path. */
  async scan(side: CyrusSide, ...options: readonly string[]): Promise<string> {
    const manifest = join(this.#folder, `${side}-${++this.#count}.db`);
    const configuration = this.#pair.configuration(side);
    const words = ["scan", "-C", configuration, "-o", manifest, "--host", `${side}.test`, "--role", side, ...options];
    const { status, stdout, stderr } = await spooldiff(words);
    assert.equal(status, ExitCode.ok, `${words.join(" ")}\n${stderr}${stdout}`);
    return manifest;
  }

  async compare(primary: string, replica: string): Promise<{ status: number | null; findings: readonly string[] }> {
    const { status, stdout, stderr } = await spooldiff(["compare", primary, replica, "--format", "json"]);
    assert.notEqual(status, ExitCode.failed, stderr);
    const lines = jsonLines(stdout);
    assert.equal(lines.at(-1)?.type, "summary");
    assert.equal(lines.at(-1)?.exitCode, status);
    const variances = lines.filter(({ type }) => type === "variance");
    const findings = variances.map((line) => findingText(line.class, line.state, line.side, line.mailbox, line.uid));
    return { status, findings: findings.toSorted(byText) };
  }

  /** Scans both sides and compares them. */
  async both(order: Order = "replica first"): Promise<{ status: number | null; findings: readonly string[] }> {
    if (order === "at once") {
      const [primary, replica] = await Promise.all([this.scan("primary"), this.scan("replica")]);
      return this.compare(primary, replica);
    }
    if (order === "primary first") {
      const primary = await this.scan("primary");
      return this.compare(primary, await this.scan("replica"));
    }
    const replica = await this.scan("replica");
    return this.compare(await this.scan("primary", "--after", replica), replica);
  }

  async inspect(manifest: string): Promise<Inspected> {
    const { status, stdout, stderr } = await spooldiff(["inspect", manifest, "--format", "json", "--messages"]);
    assert.equal(status, ExitCode.ok, `${stderr}${stdout.slice(-2000)}`);
    return new Inspected(jsonLines(stdout));
  }
}

/** What `inspect --messages` printed, without mailboxes in the DELETED hierarchy. */
class Inspected {
  readonly #lines: readonly Record<string, unknown>[];

  constructor(lines: readonly Record<string, unknown>[]) {
    this.#lines = lines.filter(({ mailbox }) => !String(mailbox).startsWith("DELETED."));
  }

  get names(): readonly string[] {
    return this.#lines.filter(({ type }) => type === "mailbox").map(({ mailbox }) => String(mailbox));
  }

  mailbox({ name }: ListedMailbox): unknown {
    const line = this.#lines.find(({ type, mailbox }) => type === "mailbox" && mailbox === name);
    assert(line !== undefined);
    const { uniqueid, messages, unseen, uidvalidity, uidnext, highestmodseq } = line;
    return { uniqueid, messages, unseen, uidvalidity, uidnext, highestmodseq };
  }

  messages({ name }: ListedMailbox): unknown[] {
    const lines = this.#lines.filter(({ type, mailbox }) => type === "message" && mailbox === name);
    return lines.map(({ uid, guid, flags, internaldate, size, md5, rawSize, rawMd5, modseq }) => {
      return { uid, guid, flags: sameCase(flags), internaldate, size, md5, rawSize, rawMd5, modseq };
    });
  }
}

/** What `inspect` should print of a mailbox. */
export function statusLine({ uniqueId, status }: JudgedMailbox): unknown {
  return {
    uniqueid: uniqueId,
    messages: status.messages,
    unseen: status.unseen,
    uidvalidity: status.uidValidity,
    uidnext: status.uidNext,
    highestmodseq: String(status.highestModseq),
  };
}

/** What `inspect` should print of a mailbox's messages. */
export function messageLines({ name, messages, files }: JudgedMailbox): unknown[] {
  return messages.map(({ uid, guid, sha1, flags, internalDate, sizeBytes, modseq }) => {
    const file = files.get(uid) ?? assert.fail(`no file of ${name} ${uid}`);
    assert.equal(sha1, guid, "the server itself finds this message damaged");
    return {
      uid,
      guid,
      flags: sameCase(flags),
      internaldate: internalDate,
      size: sizeBytes,
      md5: file.md5,
      rawSize: file.sizeBytes,
      rawMd5: file.md5,
      modseq: String(modseq),
    };
  });
}

/** Flags are a set of names without case. */
function sameCase(flags: unknown): string[] {
  assert(Array.isArray(flags));
  return flags.map((flag) => String(flag).toLowerCase()).toSorted();
}

/** One line for a finding, state first: what a failed assertion shows. */
export function findingText(kind: unknown, state: unknown, side: unknown, mailbox: unknown, uid: unknown): string {
  return `${state} ${kind} on ${side}: ${mailbox ?? ""} ${uid ?? ""}`;
}

/** The order of findings in these tests. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
