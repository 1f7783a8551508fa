import type { ByteString } from "../mail/name.ts";
import { mailboxLine, type Rendering, renameCommand, shellWord, syncLogLine, userLine } from "./grammar.ts";
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
    const line = userLine(thing.name);
    if ("refused" in line) {
      this.#refusals.name(this.reset.name, thing.name, line.refused);
      return;
    }
    const renames = thing.undelete.map(({ deleted, name }) => renameCommand(deleted, name, this.#hosts.naming));
    const refused = renames.find((rename) => "refused" in rename);
    if (refused !== undefined && "refused" in refused) {
      this.#refusals.name(this.reset.name, thing.name, `a mailbox is to be renamed back, and ${refused.refused}`);
      return;
    }
    const user = shellWord(line.text);
    const word = user.startsWith("-") ? `-- ${user}` : user;
    const { primary, replica } = this.#hosts;
    const first =
      thing.onlyOnReplica === 0
        ? ""
        : `# FIRST: only the replica has ${thing.onlyOnReplica} of its messages; see rescue.list\n`;
    this.reset.addBytes(
      `# ${line.text}: ${why}\n${first}` +
        renames.map((rename) => ("text" in rename ? `# replica imap> ${rename.text}\n` : "")).join("") +
        `# replica$ sync_reset${configOption(replica.configFile)} -f ${word}\n` +
        `# primary$ sync_client${configOption(primary.configFile)} -o -v -u ${word}\n`,
    );
  }

  #leaveOut({ kind, name }: Replicated, why: string): void {
    this.leftOut.addText(jsonLine({ kind, ...nameFields("name", name), why }));
  }
}

/** `-C FILE` of a Cyrus tool, where it is not its default. */
export function configOption(configFile: string | null): string {
  return configFile === null ? "" : ` -C ${shellWord(configFile)}`;
}

const RESET_HEAD = `# Every command here is commented out: sync_reset deletes all that the REPLICA has of
# a user. Look at each user, rescue first what only the replica has, check that the
# primary is whole, stop rolling replication of the user, then run his lines in order.
# A line with imap> is for an administrator's IMAP session (in cyradm: renamemailbox).
# It comes first: sync_reset would leave of a deleted mailbox a tombstone that stops
# sync_client for ever.
`;
