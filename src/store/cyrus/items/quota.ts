/**
 * The value of one quota root: limits and usage, in one of two forms.
 *
 * - up to 2.4: `USED LIMIT`, separated by a space, or in a file of its own by a line break: bytes, and KiB;
 * - 2.5 and later: a map of resources, `%(S (USED LIMIT) M (USED LIMIT) AS (USED) NF (USED) MODSEQ n)`.
 *
 * A limit of -1, or none, is no limit.
 *
 * @see cyrus-imapd `imap/quota_db.c`, quota_parseval; `lib/cyrusdb_quotalegacy.c`
 */
import { CorruptStoreError } from "../../../errors.ts";
import { type ByteString, compareNames } from "../../../mail/name.ts";
import { isDlistList, isDlistMap, parseDlist } from "../dlist.ts";

/** A quota root, in the forms of `mail/item.ts`. */
export interface Quota {
  readonly limits: ByteString;
  readonly usage: ByteString;
  readonly modseq: bigint | null;
}

/** Names of resources as RFC 9208 has them. @see cyrus-imapd `imap/quota_db.c`, quota_names */
const RESOURCES: ReadonlyMap<ByteString, ByteString> = new Map([
  ["S", "STORAGE"],
  ["M", "MESSAGE"],
  ["AS", "ANNOTATION-STORAGE"],
  ["NF", "MAILBOX"],
]);

/**
 * Decodes the value of a quota root.
 *
 * @param path named in errors only
 * @throws {CorruptStoreError} when it is in neither form
 */
export function decodeQuota(value: ByteString, path: ByteString): Quota {
  const text = /^(-?\d{1,20})[ \n](-?\d{1,20})\s*$/.exec(value);
  if (text !== null) {
    const [used = "0", limit = "-1"] = text.slice(1);
    return quotaOf([["STORAGE", used, limit]], null);
  }
  if (!value.startsWith("%(")) throw new CorruptStoreError(path, "this is no quota root");
  const map = parseDlist(value, path);
  const resources: [ByteString, ByteString, ByteString][] = [];
  let modseq: bigint | null = null;
  for (const [key, entry] of isDlistMap(map) ? map.entries : []) {
    const numbers = isDlistList(entry) ? entry : [entry];
    if (!numbers.every(isInteger) || numbers.length > 2) throw new CorruptStoreError(path, `${key} is no quota`);
    if (key === "MODSEQ") modseq = BigInt(numbers[0] ?? 0);
    else if (numbers[0] !== undefined) resources.push([RESOURCES.get(key) ?? key, numbers[0], numbers[1] ?? "-1"]);
  }
  return quotaOf(resources, modseq);
}

function isInteger(value: unknown): value is ByteString {
  return typeof value === "string" && /^-?\d{1,20}$/.test(value);
}

function quotaOf(resources: [ByteString, ByteString, ByteString][], modseq: bigint | null): Quota {
  resources.sort((a, b) => compareNames(a[0], b[0]));
  const limited = resources.filter(([, , limit]) => !limit.startsWith("-"));
  return {
    limits: limited.map(([name, , limit]) => `${name} ${BigInt(limit)}`).join(" "),
    usage: resources.map(([name, used]) => `${name} ${BigInt(used)}`).join(" "),
    modseq,
  };
}
