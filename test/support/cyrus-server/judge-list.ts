/** Cyrus' own `ctl_mboxlist` and `cyr_dbtool` are the judges of what was read from its databases. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readDatabase } from "../../../src/store/cyrus/cyrusdb/read-database.ts";
import type { LayoutOptions } from "./configuration.ts";
import type { ManifestTables } from "./manifest-tables.ts";
import { administratorName, internalName, namespaceOf } from "./namespace.ts";
import type { CyrusPair, CyrusSide } from "./pair.ts";

/** Asserts that every entry of the mailbox list is what `ctl_mboxlist -d` says of it. */
export async function judgeMailboxList(pair: CyrusPair, side: CyrusSide, tables: ManifestTables): Promise<void> {
  const listed = Object.values(
    JSON.parse(await pair.output(side, "ctl_mboxlist", ["-d"])) as Record<string, ListEntry>,
  );
  const living = listed.filter(({ mbtype, name }) => !mbtype.includes("d") && !/^(.*!)?DELETED\./.test(name));
  assert.deepEqual(tables.names.toSorted(), living.map(({ name }) => name).toSorted(), side);
  for (const entry of living) {
    const row = tables.mailbox(entry.name);
    const acl = tables.items.filter(({ kind, mailbox }) => kind === "acl" && mailbox === entry.name);
    const read = {
      name: row.name,
      uniqueid: row.uniqueid,
      mbtype: row.type,
      partition: row.partition,
      uidvalidity: String(row.list_uidvalidity),
      createdmodseq: String(row.list_createdmodseq),
      foldermodseq: String(row.foldermodseq),
      mtime: String(row.list_mtime),
      acl: Object.fromEntries(acl.map(({ key, value }) => [key, value])),
    };
    const { name_history: _, mbtype, ...said } = entry;
    // Where a mailbox lies is the host's own affair.
    assert.deepEqual(read, { ...said, mbtype: mbtype.replace("l", "") }, `${side} ${entry.name}`);
  }
}

/** An entry, as `ctl_mboxlist -d` prints it: all numbers are strings. */
interface ListEntry {
  readonly name: string;
  readonly mbtype: string;
  readonly name_history: unknown;
}

/**
 * Asserts that each database of a side, of the server and of these users, holds for our readers what `cyr_dbtool show`
 * prints. Returns the names of those that were there.
 */
export async function judgeDatabases(
  pair: CyrusPair,
  side: CyrusSide,
  options: LayoutOptions,
  users: readonly string[],
): Promise<readonly string[]> {
  const judged: string[] = [];
  for (const { path, backEnd, name } of await databases(pair, side, options, users)) {
    if (!existsSync(path)) continue;
    const { entries } = await readDatabase(path);
    const read = [...entries].map(([key, value]) => `${key}\t${value}\n`).join("");
    const shown = await pair.output(side, "cyr_dbtool", [path, backEnd, "show"]);
    assert.deepEqual(sortedLines(read), sortedLines(shown), `${side} ${path}`);
    judged.push(`${name} ${backEnd}`);
  }
  return judged;
}

/** A flat file may be in the order of mailbox names, which is not that of their bytes. */
function sortedLines(text: string): string[] {
  return text.split("\n").toSorted();
}

async function databases(pair: CyrusPair, side: CyrusSide, options: LayoutOptions, users: readonly string[]) {
  const configured = (name: string, otherwise: string) => options.databases?.[name] ?? otherwise;
  const at = (file: string) => join(pair.folder, side, "conf", file);
  const found = [
    { name: "mboxlist_db", path: at("mailboxes.db"), backEnd: options.mailboxList ?? "twoskip" },
    { name: "annotation_db", path: at("annotations.db"), backEnd: configured("annotation_db", "twoskip") },
    { name: "quota_db", path: at("quotas.db"), backEnd: configured("quota_db", "quotalegacy") },
  ];
  const inboxes = users.map((user) => administratorName(namespaceOf(options), internalName(user)));
  const paths = (await pair.output(side, "mbpath", ["-7", "-j", "-a", ...inboxes])).split(/^(?=\{$)/m);
  for (const { user } of paths.map((text) => JSON.parse(text) as { user: { seen: string; sub: string } })) {
    found.push({ name: "seenstate_db", path: user.seen, backEnd: configured("seenstate_db", "twoskip") });
    found.push({ name: "subscription_db", path: user.sub, backEnd: configured("subscription_db", "flat") });
  }
  return found;
}
