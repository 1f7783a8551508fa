/**
 * The sieve scripts of one user, in a directory:
 *
 *   NAME.script   source, up to 3.4; since 3.6 the source is a message of the mailbox `#sieve`
 *   NAME.bc       compiled
 *   defaultbc     link to the active NAME.bc; in 2.1 `default`, to NAME.script
 *
 * @see cyrus-imapd `timsieved/scripts.c`; `imap/sieve_db.c`, sieve_script_activate
 */
import { createHash } from "node:crypto";
import { readdirSync, readlinkSync } from "node:fs";
import type { Item } from "../../../mail/item.ts";
import type { ByteString } from "../../../mail/name.ts";
import { lstatOrNull, readMetaFile } from "../meta-file.ts";
import { failureOf, itemsProblem, type Optional } from "./read-optional.ts";

const MAX_SCRIPT_BYTES = 16 * 1024 * 1024;

/**
 * Reads the scripts below `directory`.
 *
 * @param sources whether their sources are to be read, too; else only which one is active
 */
export function readSieveScripts(directory: ByteString, owner: ByteString, sources: boolean): Optional<Item[]> {
  try {
    const names = readdirSync(Buffer.from(directory, "latin1"), "latin1").sort();
    const items: Item[] = [];
    for (const name of sources ? names.filter((file) => file.endsWith(".script")) : []) {
      const script = readScript(directory, name, owner);
      if (script.status === "unread") return script;
      if (script.status === "read") items.push(script.value);
    }
    const active = readActive(directory, names, owner);
    return { status: "read", value: active === null ? items : [...items, active] };
  } catch (error) {
    return failureOf(error, directory);
  }
}

function readScript(directory: ByteString, name: ByteString, owner: ByteString): Optional<Item> {
  const path = `${directory}/${name}`;
  const file = readMetaFile(path, MAX_SCRIPT_BYTES);
  if (file.status === "absent") return file;
  if (file.status === "unreadable") {
    return { status: "unread", problem: itemsProblem(path, file.errno, `the system refuses it (${file.errno})`) };
  }
  if (file.status !== "read") return { status: "unread", problem: itemsProblem(path, null, file.found) };
  const value = createHash("sha1").update(file.bytes).digest("hex");
  const mtime = Number(file.after.mtimeNs / 1_000_000_000n);
  return { status: "read", value: { kind: "sieve", owner, key: name, value, mtime, modseq: null } };
}

/** Throws the system's error; a link that has gone meanwhile is one to nowhere. */
function readActive(directory: ByteString, names: readonly ByteString[], owner: ByteString): Item | null {
  const link = ["defaultbc", "default"].find((name) => names.includes(name));
  if (link === undefined) return null;
  const path = `${directory}/${link}`;
  const stats = lstatOrNull(path);
  if (stats?.isSymbolicLink() !== true) return null;
  const target = readlinkSync(Buffer.from(path, "latin1"), "latin1");
  const value = target.slice(target.lastIndexOf("/") + 1).replace(/\.(bc|script)$/, "");
  const mtime = Number(stats.mtimeNs / 1_000_000_000n);
  return { kind: "sieve", owner, key: "active", value, mtime, modseq: null };
}
