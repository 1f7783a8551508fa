/**
 * A sieve script as a message of the mailbox `#sieve` (3.6 and later): its name is the subject, encoded as RFC 2047 has
 * it where it is not ASCII; its source is the body, as it is.
 *
 * @see cyrus-imapd `imap/sieve_db.c`, store_script, sieve_script_fetch
 */
import type { ByteString } from "../../../mail/name.ts";

/** A script out of a message. */
export interface SieveMessage {
  readonly name: ByteString;
  readonly source: Buffer;
}

/** JMAP's vacation response, and the file that it was before. @see cyrus-imapd `imap/sieve_db.c`, migrate_cb */
const VACATION_NAME = "urn:ietf:params:jmap:vacationresponse";
const VACATION_FILE = "jmap_vacation";

/** Decodes a message, or returns null where it is no script. */
export function decodeSieveMessage(bytes: Buffer): SieveMessage | null {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const head = bytes.toString("latin1", 0, end).replace(/\r\n(?=[ \t])/g, "");
  const subject = /^subject:[ \t]*(.*)$/im.exec(head)?.[1];
  if (subject === undefined || subject === "") return null;
  const name = decodeWords(subject);
  return { name: name === VACATION_NAME ? VACATION_FILE : name, source: bytes.subarray(end + 4) };
}

/** Encoded words of UTF-8 as their bytes; white space between two of them does not count. */
function decodeWords(text: ByteString): ByteString {
  const word = /=\?utf-8\?([bq])\?([^?]*)\?=/gi;
  return text.replace(/(\?=)[ \t]+(?==\?)/g, "$1").replace(word, (_, encoding: string, content: string) => {
    if (encoding.toLowerCase() === "b") return Buffer.from(content, "base64").toString("latin1");
    return content
      .replaceAll("_", " ")
      .replace(/=([0-9a-f]{2})/gi, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  });
}
