import { createHash } from "node:crypto";
import type { DigestDepth, StreamDigests } from "./digester.ts";
import type { XxHash64 } from "./xxhash64.ts";

/** Digests of a file that comes in pieces, with OpenSSL and xxhash-wasm. */
export function createStreamDigests(depth: DigestDepth, xxhash: XxHash64): StreamDigests {
  const md5 = depth === "full" ? createHash("md5") : null;
  const sha1 = depth === "full" ? createHash("sha1") : null;
  const xxh64 = xxhash.stream();
  return {
    update: (piece) => {
      md5?.update(piece);
      sha1?.update(piece);
      xxh64.update(piece);
    },
    digest: () => ({
      md5: md5?.digest() ?? null,
      sha1: sha1?.digest() ?? null,
      xxh64: xxh64.digest(),
    }),
  };
}
