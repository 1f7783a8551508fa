import type { ReadProblem } from "../../mail/mailbox.ts";
import type { ByteString } from "../../mail/name.ts";

/** Says that a file holds other bytes than at an earlier scan, while its inode, size, mtime and ctime are the same. */
export function rotProblem(uid: number, path: ByteString, readAtMs: number): ReadProblem {
  const before = new Date(readAtMs).toISOString();
  const found = `its bytes are not those that were read at ${before}, though its times say that nothing wrote to it`;
  return { what: "rot", path, uid, errno: null, found };
}
