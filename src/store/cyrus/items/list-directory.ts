import { readdirSync } from "node:fs";
import { errnoOf } from "../../../errors.ts";
import type { ReadProblem } from "../../../mail/mailbox.ts";
import type { ByteString } from "../../../mail/name.ts";
import { failureOf } from "./read-optional.ts";

/** Names in a directory, in order; none where there is no directory. What is refused is added to `problems`. */
export function listDirectory(path: ByteString, problems: ReadProblem[]): ByteString[] {
  try {
    return readdirSync(Buffer.from(path, "latin1"), "latin1").sort();
  } catch (error) {
    const errno = errnoOf(error);
    // Nothing was ever put there; or a stray file.
    if (errno !== "ENOENT" && errno !== "ENOTDIR") {
      const failure = failureOf(error, path);
      if (failure.status === "unread") problems.push(failure.problem);
    }
    return [];
  }
}
