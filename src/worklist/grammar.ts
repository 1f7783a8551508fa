/**
 * The forms in which Cyrus' tools read names, and what each of them cannot carry.
 *
 *   sync_client -u -f   one userid a line; an empty line and one that begins with "#" are skipped
 *   sync_client -m -f   one mailbox a line, as the administrator names it over IMAP
 *   sync_client -r -f   TYPE SP astring [SP astring], internal names
 *   rsync --from0       NUL after each path
 *   sha1sum -c          digest, two spaces, path; a backslash before the line where the path is escaped
 *
 * @see cyrus-imapd `imap/sync_client.c`, main (fgets into MAX_MAILBOX_BUFFER); `imap/sync_log.c`, sync_quote_name;
 *   `imap/mboxname.c`, mbname_extname
 */
import { type ByteString, displayName } from "../mail/name.ts";

/** A text in a tool's grammar, or why the grammar cannot carry it. */
export type Rendering = { readonly text: ByteString } | { readonly refused: string };

/** How a server's administrator names mailboxes. Null: not known. */
export interface NamingRules {
  readonly unixHierarchySep: boolean;
  readonly virtDomains: boolean | null;
}

/** Bytes of a line that `sync_client` takes in one piece, in every version. */
const LONGEST_LINE = 1000;

/** A line of `sync_client -u -f`. */
export function userLine(userId: ByteString): Rendering {
  return plainLine(userId);
}

/** A line of `sync_client -m -f`: `user.alice.v1^2` is `user/alice/v1.2`, `north.test!shared` is `shared@north.test`. */
export function mailboxLine(name: ByteString, rules: NamingRules): Rendering {
  const external = externalName(name, rules);
  return "refused" in external ? external : plainLine(external.text);
}

/** The name by which an administrator's IMAP session, and the tools, know a mailbox. */
export function externalName(name: ByteString, { unixHierarchySep, virtDomains }: NamingRules): Rendering {
  const domainEnd = name.indexOf("!");
  const local = name.slice(domainEnd + 1);
  if (virtDomains !== false && (local.includes("@") || name.slice(0, Math.max(domainEnd, 0)).includes("@"))) {
    return { refused: 'what follows its "@" would be taken for a domain' };
  }
  if (unixHierarchySep && name.includes("/")) return { refused: "a slash would be taken for a level" };
  if (local.split(".").includes("")) return { refused: "a level of it has no name" };
  const text = unixHierarchySep ? local.replaceAll(".", "/").replaceAll("^", ".") : local;
  return { text: domainEnd < 0 ? text : `${text}@${name.slice(0, domainEnd)}` };
}

/** A RENAME of an administrator's IMAP session. */
export function renameCommand(from: ByteString, to: ByteString, rules: NamingRules): Rendering {
  const names = [from, to].map((name) => externalName(name, rules));
  const words: ByteString[] = [];
  for (const name of names) {
    if ("refused" in name) return name;
    if (/[^ -~]/.test(name.text)) return { refused: "an IMAP command cannot quote its bytes" };
    words.push(`"${name.text.replace(/[\\"]/g, "\\$&")}"`);
  }
  return { text: `RENAME ${words.join(" ")}` };
}

/** A line of a replication log. */
export function syncLogLine(type: "QUOTA" | "UNMAILBOX" | "MAILBOX" | "USER", name: ByteString): Rendering {
  const refused = unfit(name);
  return refused === null ? { text: `${type} ${quoted(name)}` } : { refused };
}

/** A path of `rsync --files-from --from0`, below the roots that the command names. */
export function pathEntry(path: ByteString): Rendering {
  if (path === "" || path.startsWith("/") || path.split("/").some((part) => part === "" || part === "..")) {
    return { refused: "no path below a partition can be made of it" };
  }
  return path.includes("\0") ? { refused: "it holds a NUL" } : { text: `${path}\0` };
}

/** A line of `sha1sum -c`. */
export function digestLine(sha1: string, path: ByteString): ByteString {
  if (!/[\\\n\r]/.test(path)) return `${sha1}  ${path}\n`;
  const escaped = path.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return `\\${sha1}  ${escaped}\n`;
}

/** A word of a POSIX shell. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function plainLine(text: ByteString): Rendering {
  const refused = unfit(text);
  if (refused !== null) return { refused };
  return text.startsWith("#") ? { refused: 'a line that begins with "#" is a comment' } : { text };
}

/** Why no line can carry a name. */
function unfit(text: ByteString): string | null {
  if (text === "") return "it is empty";
  if (CONTROL.test(text) || /[\x80-\x9f]/.test(displayName(text).text))
    return "it holds a control character, and a line cannot";
  return text.length > LONGEST_LINE ? "it is longer than a line may be" : null;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const CONTROL = /[\x00-\x1f\x7f]/;

/** True for a line that people can look at as it is: UTF-8, with nothing that a terminal would obey or hide. */
export function isPlainText(line: ByteString): boolean {
  const { text, base64 } = displayName(line);
  return base64 === null && !/[\p{C}\p{Zl}\p{Zp}]/u.test(text);
}

function quoted(name: ByteString): ByteString {
  return /[ \t()"\\{}]/.test(name) ? `"${name.replace(/[\\"{}]/g, "\\$&")}"` : name;
}
