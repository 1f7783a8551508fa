/**
 * Turns the findings of one comparison into the work-lists of `compare --worklist`: for people to review, in the grammar
 * of the tool that reads each. Nothing is executed here or anywhere else. Design §3.
 */
import type { Findings, Variance } from "../compare/variance.ts";
import { listCopy } from "./copies.ts";
import { FileLists } from "./file-lists.ts";
import type { WorkHosts } from "./host.ts";
import { ListFile, type ListOutput } from "./output.ts";
import { readmeText, type WorkLists } from "./readme.ts";
import {
  LONGEST_LINE,
  MOST_FINDINGS,
  parseRecheckLine,
  RecheckLineError,
  recheckEnd,
  recheckHead,
  recheckLine,
} from "./recheck-list.ts";
import { Refusals } from "./refusals.ts";
import { type Remedy, remedyOf } from "./remedy.ts";
import { ReplicatedThings } from "./replicated.ts";
import { Rescue } from "./rescue.ts";
import { SyncLists } from "./sync-lists.ts";

/** Writes all lists and their README. Memory grows with users that have findings, not with findings. */
export function writeWorkLists(findings: Findings, hosts: WorkHosts, output: ListOutput): void {
  const files = new FileLists(output);
  const refusals = new Refusals(output);
  const rescue = new Rescue(output, hosts, files, refusals);
  const sync = new SyncLists(output, hosts, refusals);
  const things = new ReplicatedThings(hosts);
  const recheck = new RecheckFile(output, findings, refusals);
  const remedies: Partial<Record<Remedy["kind"], number>> = {};
  for (const variance of findings.variances()) {
    const remedy = remedyOf(variance);
    if (variance.accepted !== undefined) {
      // Nothing to be done about it; but what is done about the user's other findings must not harm it.
      things.add(variance, remedy, rescue.add(variance));
      continue;
    }
    remedies[remedy.kind] = (remedies[remedy.kind] ?? 0) + 1;
    if (remedy.kind === "copy") {
      const refused = listCopy(variance, hosts, files);
      if (refused !== null) refusals.message("copy", variance.subject, refused);
    }
    things.add(variance, remedy, rescue.add(variance));
    recheck.add(variance);
  }
  for (const thing of things.all()) sync.add(thing);
  const recheckCounts = recheck.end();
  const lists = { findings: findings.summary, hosts, sync, files, rescue, refusals, recheck: recheckCounts, remedies };
  output.append("README.txt", Buffer.from(readmeText(lists), "utf8"));
}

/** `recheck.list`, as far as a list goes. */
class RecheckFile {
  readonly #file: ListFile;
  readonly #refusals: Refusals;
  #listed = 0;
  #left = 0;

  constructor(output: ListOutput, { summary }: Findings, refusals: Refusals) {
    this.#file = new ListFile(output, "recheck.list", recheckHead(summary.primary.manifest, summary.replica.manifest));
    this.#refusals = refusals;
  }

  add(variance: Variance): void {
    const { mailbox, uniqueId, owner, key } = variance.subject;
    // A look at single mailboxes tells nothing of a partition.
    if (mailbox === null && uniqueId === null && owner === undefined && key === undefined) return;
    if (this.#listed >= MOST_FINDINGS) {
      this.#left++;
      return;
    }
    const line = recheckLine(variance);
    const refused = refusedLine(line);
    if (refused !== null) this.#refusals.message(this.#file.name, variance.subject, refused);
    else {
      this.#file.addText(line);
      this.#listed++;
    }
  }

  end(): WorkLists["recheck"] {
    if (this.#listed > 0) this.#file.addText(recheckEnd(this.#listed));
    return { name: this.#file.name, listed: this.#listed, left: this.#left };
  }
}

/** Why a line could not be read again: one such line would make the whole list useless. */
function refusedLine(line: string): string | null {
  if (Buffer.byteLength(line) > LONGEST_LINE) return "its names are longer than a line may be";
  try {
    parseRecheckLine(line);
    return null;
  } catch (error) {
    if (!(error instanceof RecheckLineError)) throw error;
    return error.message;
  }
}
