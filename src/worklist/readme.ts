/** `README.txt` of a work-list: what each file is, the command that takes it, where and as whom, and what it may change. */
import type { Summary } from "../compare/variance.ts";
import { configOption } from "./config-option.ts";
import type { FileList, FileLists } from "./file-lists.ts";
import { versionHazards } from "./generation.ts";
import { shellWord } from "./grammar.ts";
import type { WorkHosts } from "./host.ts";
import type { Refusals } from "./refusals.ts";
import type { Remedy } from "./remedy.ts";
import type { Rescue } from "./rescue.ts";
import type { SyncLists } from "./sync-lists.ts";

/** What the lists of one comparison hold, for their README. */
export interface WorkLists {
  readonly findings: Summary;
  readonly hosts: WorkHosts;
  readonly sync: SyncLists;
  readonly files: FileLists;
  readonly rescue: Rescue;
  readonly refusals: Refusals;
  readonly recheck: { readonly name: string; readonly listed: number; readonly left: number };
  /** Findings by what is to be done about them. */
  readonly remedies: Readonly<Partial<Record<Remedy["kind"], number>>>;
}

/** The first line, by which a directory is known to be a work-list of ours. */
export const README_TITLE = "Work-lists of spooldiff compare";

const WIDTH = 80;

/** Text that no file name, host name or path of a manifest gets into unquoted. */
export function readmeText(lists: WorkLists): string {
  const page = new Page();
  const { findings, hosts } = lists;
  page.line(README_TITLE);
  page.line("===============================");
  page.text(`Primary ${plain(hosts.primary.name)}, replica ${plain(hosts.replica.name)}.`);
  page.text(
    `Manifests ${plain(findings.primary.manifest)} and ${plain(findings.replica.manifest)}: ${findings.verdict}.`,
  );
  page.text(
    "Review everything here before you run it. spooldiff itself runs none of it. Every finding, with its repair, is in the report of compare. A line that begins with primary$ or replica$ is a command for that host, in this directory, as the account of the mail server (cyrus), which must be able to read it: chown -R cyrus . if it was made by root. imapd.conf is named as compare was given it; on the replica that may be another path.",
  );
  page.heading("Before anything else");
  page.text(
    "NEVER run reconstruct on a replica as a first step. It expunges there what it does not find, and the next replication expunges the good message on the primary.",
  );
  page.text(
    "sync_client merges both ways: where the two sides have diverged it changes the PRIMARY too. An expunge on either side wins, a message that one side alone has comes to the other under a new UID.",
  );
  for (const hazard of versionHazards(hosts)) page.text(hazard);
  const copies = lists.files.all().filter(({ toRoot }) => toRoot !== null);
  const rescues = lists.files.all().filter(({ toRoot }) => toRoot === null);
  writeRescue(page, lists, rescues);
  writeVariables(page, hosts, lists.files.all());
  for (const list of copies) writeCopy(page, list, hosts);
  writeSync(page, lists);
  writeRest(page, lists);
  return page.toString();
}

/** What people have to set before the commands for files can run. */
function writeVariables(page: Page, hosts: WorkHosts, files: readonly FileList[]): void {
  const copies = files.filter(({ toRoot }) => toRoot !== null);
  if (copies.length > 0)
    page.text("Set REPLICA to the name, or user@name, by which ssh on the primary reaches the replica.");
  const words = files.flatMap(({ from, fromRoot, toRoot }) => {
    const to = from === "primary" ? "replica" : "primary";
    return [rootWord(hosts, from, fromRoot), ...(toRoot === null ? [] : [rootWord(hosts, to, toRoot)])];
  });
  const unset = [...new Set(words.filter((word) => word.startsWith('"$')))];
  if (unset.length === 0) return;
  page.text(
    `Set ${unset.map((word) => word.slice(2, -1)).join(", ")} to the directories of these partitions by imapd.conf (partition-NAME, archivepartition-NAME); compare -C writes them in.`,
  );
}

function writeRescue(page: Page, { rescue, hosts }: WorkLists, files: readonly FileList[]): void {
  if (rescue.file.count === 0) return;
  page.heading(`${rescue.file.name}: ${counted(rescue.file.count, "message")} of which one host alone has a copy`);
  page.text(
    `${rescue.counts.replica} only on the replica, ${rescue.counts.primary} only on the primary. Those of the replica go with sync_reset, those of the primary go with the primary. Each line is a JSON object. The .list0 files name their files for rsync; set RESCUE to an empty directory. Changes nothing in either spool.`,
  );
  for (const list of files) {
    const root = rootWord(hosts, list.from, list.fromRoot);
    page.command(list.from, `rsync -t --from0 --files-from=${list.paths.name} ${root}/ "$RESCUE"/${list.from}/`);
    if (list.digests.count > 0)
      page.command(
        list.from,
        `(DIR=$PWD; cd "$RESCUE"/${list.from} && sha1sum -c --quiet "$DIR"/${list.digests.name})`,
      );
  }
}

function writeCopy(page: Page, list: FileList, hosts: WorkHosts): void {
  const to = list.from === "primary" ? "replica" : "primary";
  page.heading(`${list.paths.name}: ${counted(list.paths.count, "file")} to copy from the ${list.from} to the ${to}`);
  page.text(
    `Each host's own manifest says so: the file on the ${to} is missing or is not what its GUID names, the one on the ${list.from} is. Changes these files on the ${to} and no index, so there is nothing to replicate. rsync writes each under a temporary name and renames it. The first command proves the good copies, the last the new ones.`,
  );
  const source = rootWord(hosts, list.from, list.fromRoot);
  const target = rootWord(hosts, to, list.toRoot ?? list.fromRoot);
  const rsync = `rsync -ptog -I --no-implied-dirs --from0 --files-from=${list.paths.name}`;
  const onReplica = (root: string) => `"$REPLICA":${root}/`;
  page.command(list.from, `(DIR=$PWD; cd ${source} && sha1sum -c --quiet "$DIR"/${list.digests.name})`);
  page.command(
    "primary",
    list.from === "primary" ? `${rsync} ${source}/ ${onReplica(target)}` : `${rsync} ${onReplica(source)} ${target}/`,
  );
  page.command(to, `(DIR=$PWD; cd ${target} && sha1sum -c --quiet "$DIR"/${list.digests.name})`);
}

function writeSync(page: Page, { sync, hosts }: WorkLists): void {
  const client = `sync_client${configOption(hosts.primary.configFile)} -o -v`;
  const states = [
    [sync.inFlight, "replication would bring this anyway", "Changes the replica only."],
    [
      sync.diverged,
      "what diverged; sync_client merges both sides",
      "CHANGES THE PRIMARY: no message of it is lost, but messages can get new UIDs there, and flags and messages of the replica come to it. If the primary is right in all, reset the replica of these users instead (see reset.txt for the form).",
    ],
  ] as const;
  for (const [{ users, mailboxes, log }, what, changes] of states) {
    if (users.count + mailboxes.count + log.count === 0) continue;
    page.heading(`${users.name.replace(".users", "")}.*: ${what}`);
    page.text(changes);
    if (users.count > 0) {
      page.text(`${users.name}: ${counted(users.count, "user")}. Asks the replica for its real state.`);
      page.command("primary", `${client} -u -f ${users.name}`);
    }
    if (mailboxes.count > 0) {
      page.text(
        `${mailboxes.name}: ${counted(mailboxes.count, "mailbox", "mailboxes")} that nobody owns, by the name that an administrator's IMAP session has for it.`,
      );
      page.command("primary", `${client} -m -f ${mailboxes.name}`);
    }
    if (log.count > 0) {
      page.text(
        `${log.name}: ${counted(log.count, "line")} of a replication log, for what the other two forms do not reach. sync_client locks the file, so that it must be writable for cyrus.`,
      );
      page.command("primary", `${client} -r -f ${log.name}`);
    }
  }
  if (sync.reset.count > 0) {
    page.heading(`${sync.reset.name}: ${counted(sync.reset.count, "user")} whose replica is to be made anew`);
    page.text(
      "sync_client would take something from the primary, or is stopped by what it meets. The file holds the commands, commented out. sync_reset deletes ALL that the replica has of the user; the primary stays as it is.",
    );
  }
  if (sync.leftOut.count > 0) {
    page.heading(
      `${sync.leftOut.name}: ${counted(sync.leftOut.count, "user or mailbox", "users and mailboxes")} in none of these lists`,
    );
    page.text(
      "Decide by the report, finding by finding. Where the primary's records are damaged, mend the primary first (reconstruct, there only), then compare again; rolling replication of these users is best stopped until then.",
    );
  }
}

function writeRest(page: Page, { recheck, refusals, remedies, hosts }: WorkLists): void {
  if (recheck.listed > 0) {
    page.heading(`${recheck.name}: ${counted(recheck.listed, "finding")} for a second look`);
    if (recheck.left > 0) page.text(`${recheck.left} more were left out: a list holds no more.`);
    page.text(
      "Reads again just these mailboxes and messages. Bring the list to both hosts; comparing the two small manifests says which findings are confirmed. Changes nothing.",
    );
    const scan = (side: "primary" | "replica") =>
      `spooldiff scan -C ${shellWord(hosts[side].configFile ?? "/etc/imapd.conf")} --only ${recheck.name}`;
    page.command("replica", `${scan("replica")} -o again-replica.db`);
    page.command("primary", `${scan("primary")} --after again-replica.db -o again-primary.db`);
    page.command("primary", "spooldiff compare again-primary.db again-replica.db");
  }
  if (refusals.file.count > 0) {
    page.heading(`${refusals.file.name}: ${counted(refusals.file.count, "entry", "entries")}`);
    page.text("What belongs into a list and cannot be in it, with the reason; names in base64 beside the text.");
  }
  const looks = remedies.look ?? 0;
  const waits = remedies.wait ?? 0;
  if (Object.keys(remedies).length === 0) page.heading("There is nothing to do: the comparison has no finding.");
  if (looks + waits > 0) page.heading("In no list");
  if (looks > 0) page.text(`${counted(looks, "finding")} that somebody has to look at: the report says what of each.`);
  if (waits > 0) page.text(`${counted(waits, "finding")} that came between the scans: scan again.`);
}

/** A root as a shell takes it: where no configuration was given, a variable that people set. */
function rootWord(hosts: WorkHosts, side: "primary" | "replica", { partition, kind }: FileList["fromRoot"]): string {
  const root = hosts[side].rootOf(partition, kind);
  if (root !== null && !/[^ -~]/.test(root)) return shellWord(root);
  return `"$${side.toUpperCase()}_${kind.toUpperCase()}_${partition.toUpperCase().replaceAll("-", "_")}"`;
}

/** A text from a manifest as one word, so that no line begins within it, and without what a terminal would obey. */
function plain(text: string): string {
  return text.replace(/[^\p{L}\p{N}\p{P}\p{S}]/gu, "?").slice(0, 200);
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Lines of at most 80 columns; commands are never broken, so that they can be copied. */
class Page {
  #text = "";

  line(text: string): void {
    this.#text += `${text}\n`;
  }

  heading(text: string): void {
    this.#text += "\n";
    this.text(text.toUpperCase() === text ? text : `* ${text}`);
  }

  text(text: string): void {
    let line = "";
    for (const word of text.split(" ")) {
      if (line !== "" && line.length + 1 + word.length > WIDTH) {
        this.line(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    this.line(line);
  }

  command(host: "primary" | "replica", command: string): void {
    this.line(`    ${host}$ ${command}`);
  }

  toString(): string {
    return this.#text;
  }
}
