import { checkDigester } from "./check-digester.ts";
import type { DigestDepth, FileDigester } from "./digester.ts";
import { LaneDigester } from "./lane-digester.ts";
import { hasSimd } from "./lanes.ts";
import { PlainDigester } from "./plain-digester.ts";
import { createXxHash64 } from "./xxhash64.ts";

/** `lanes`: several files at once, which needs WebAssembly SIMD. `plain`: one by one. The digests are the same. */
export type DigestTechnique = "lanes" | "plain";

const NO_SIMD = "This machine's Node.js has no WebAssembly SIMD: messages are digested one by one, which takes longer";

/**
 * The fastest digester of `depth` that this machine can run.
 *
 * @param technique instead of the fastest one
 * @throws {SpooldiffError} when the lanes compute a wrong digest on this machine
 */
export async function createFileDigester(depth: DigestDepth, technique?: DigestTechnique): Promise<FileDigester> {
  const xxhash = await createXxHash64();
  if (depth === "quick") return new PlainDigester(depth, xxhash, null);
  if ((technique ?? (hasSimd() ? "lanes" : "plain")) === "plain") return new PlainDigester(depth, xxhash, NO_SIMD);
  const digester = new LaneDigester(xxhash);
  checkDigester(digester);
  return digester;
}
