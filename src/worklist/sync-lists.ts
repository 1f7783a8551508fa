import type { ByteString } from "../mail/name.ts";
import { configOption } from "./config-option.ts";
import { isPlainText, mailboxLine, type Rendering, shellWord, syncLogLine, userLine } from "./grammar.ts";
import type { WorkHosts } from "./host.ts";
import { jsonLine, nameFields } from "./json-line.ts";
import { ListFile, type ListOutput } from "./output.ts";
import type { Refusals } from "./refusals.ts";
import type { Replicated } from "./replicated.ts";

/** Lists of one state, by the form in which sync_client takes them. */
interface StateLists {
  readonly users: ListFile;
  readonly mailboxes: ListFile;
  readonly log: ListFile;
}

/** What sync_client, and sync_reset, are to be told; and who is in none of these lists. */
export class SyncLists {
  readonly inFlight: StateLists;
  readonly diverged: StateLists;
  readonly reset: ListFile;
  readonly leftOut: ListFile;
  readonly #hosts: WorkHosts;
  readonly #refusals: Refusals;

  constructor(output: ListOutput, hosts: WorkHosts, refusals: Refusals) {
    const listsOf = (state: string, what: string): StateLists => ({
      users: new ListFile(output, `${state}.users`, `# users: ${what}\n`),
      mailboxes: new ListFile(output, `${state}.mailboxes`, ""),
      log: new ListFile(output, `${state}.sync-log`, ""),
    });
    this.inFlight = listsOf("in-flight", "replication has yet to bring something");
    this.diverged = listsOf("diverged", "replication would merge both ways, and change the primary");
    this.reset = new ListFile(output, "reset.txt", RESET_HEAD);
    this.leftOut = new ListFile(output, "left-out.json");
    this.#hosts = hosts;
    this.#refusals = refusals;
  }

  add(thing: Replicated): void {
    if (thing.hold !== null) this.#leaveOut(thing, thing.hold);
    else if (thing.reset !== null && thing.kind === "user") this.#addReset(thing, thing.reset);
    else if (thing.reset !== null) this.#leaveOut(thing, `${thing.reset}; sync_reset takes users only`);
    else if (thing.diverged > 0) this.#addTo(this.diverged, thing);
    else if (thing.inFlight > 0) this.#addTo(this.inFlight, thing);
  }

  #addTo(lists: StateLists, thing: Replicated): void {
    const { name, kind, deleted } = thing;
    if (kind === "user") this.#addLine(lists.users, name, userLine(name));
    else if (kind === "quota") this.#addLine(lists.log, name, syncLogLine("QUOTA", name));
    else if (deleted) this.#addLine(lists.log, name, syncLogLine("UNMAILBOX", name));
    else this.#addLine(lists.mailboxes, name, mailboxLine(name, this.#hosts.naming));
  }

  #addLine(file: ListFile, name: ByteString, line: Rendering): void {
    if ("refused" in line) this.#refusals.name(file.name, name, line.refused);
    else file.addBytes(`${line.text}\n`);
  }

  #addReset(thing: Replicated, why: string): void {
    const user = userLine(thing.name);
    const refused = "refused" in user ? user.refused : thing.refused;
    const lines = "text" in user ? this.#resetLines(thing, user.text, why) : [];
    // One line that is two would be a command that is not commented out.
    if (refused !== null || !lines.every(isPlainText)) {
      this.#refusals.name(
        this.reset.name,
        thing.name,
        refused ?? "its commands would hold what a terminal obeys or hides",
      );
    } else this.reset.addBytes(lines.map((line) => `# ${line}\n`).join(""));
  }

  #resetLines(thing: Replicated, userId: ByteString, why: string): ByteString[] {
    const word = shellWord(userId);
    const user = word.startsWith("-") ? `-- ${word}` : word;
    const { primary, replica } = this.#hosts;
    const rescue = `FIRST: only the replica has ${thing.onlyOnReplica} of its messages; see rescue.list`;
    const copy = `FIRST: the replica may have the only good file of ${thing.goodOnReplica} of its messages; mend the primary (README.txt, copy-replica-to-primary)`;
    return [
      `${userId}: ${why}`,
      ...(thing.onlyOnReplica === 0 ? [] : [rescue]),
      ...(thing.goodOnReplica === 0 ? [] : [copy]),
      ...thing.before,
      `replica$ sync_reset${configOption(replica.configFile)} -f ${user}`,
      ...thing.after,
      `primary$ sync_client${configOption(primary.configFile)} -o -v -u ${user}`,
    ];
  }

  #leaveOut({ kind, name }: Replicated, why: string): void {
    this.leftOut.addText(jsonLine({ kind, ...nameFields("name", name), why }));
  }
}

const RESET_HEAD = `# Every command here is commented out: sync_reset deletes all that the REPLICA
# has of a user. Look at each user, rescue first what only the replica has, check
# that the primary is whole, stop rolling replication of the user, then run his
# lines in order. A line with imap> is for an administrator's IMAP session (in
# cyradm: renamemailbox). It comes first: sync_reset would leave of a deleted
# mailbox a tombstone that stops sync_client for ever.
`;
