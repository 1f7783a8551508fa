import { createHash } from "node:crypto";
import { SpooldiffError } from "../errors.ts";
import type { FileDigester } from "./digester.ts";

/**
 * Lengths on both sides of each case of padding, one that makes others wait, and enough of them for all lanes; then few,
 * which are digested by another kernel.
 */
const BATCHES = [
  [0, 1, 3, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 1000, 1024, 4096, 10_007],
  [447, 448, 512],
];

/**
 * Lets `digester` digest files whose digests OpenSSL knows. A fault of the machine or of its compiler must end the run:
 * in a scan it would look like damage to every message, or hide it.
 *
 * @throws {SpooldiffError} when one is wrong
 */
export function checkDigester(digester: FileDigester): void {
  for (const lengths of BATCHES) {
    let checked = 0;
    for (const length of lengths) {
      const file = Uint8Array.from({ length }, (_, i) => (i * 167 + length) >>> (i % 3));
      digester.room(length).set(file);
      digester.add(length, ({ md5, sha1 }) => {
        check("md5", md5, file);
        check("sha1", sha1, file);
        checked++;
      });
    }
    digester.flush();
    if (checked !== lengths.length) throw wrongDigest(`${lengths.length - checked} of ${lengths.length} are missing`);
  }
}

function check(algorithm: "md5" | "sha1", digest: Uint8Array | null, file: Uint8Array): void {
  const expected = createHash(algorithm).update(file).digest("hex");
  const found = digest === null ? "none" : Buffer.from(digest).toString("hex");
  if (found !== expected) {
    throw wrongDigest(`the ${algorithm} of ${file.length} known bytes is ${found} instead of ${expected}`);
  }
}

function wrongDigest(found: string): SpooldiffError {
  return new SpooldiffError("wrong-digest", `Cannot digest messages on this machine: ${found}`, {
    hint: "nothing was read; check the machine's memory, and try another version of Node.js",
  });
}
