import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { errnoOf, UsageError } from "../errors.ts";
import { LARGEST_LIST } from "../worklist/recheck-list.ts";
import { parseRecheckList, type RecheckList } from "../worklist/recheck-scope.ts";

/**
 * Reads the list that `--only` names. It may come from another host: never waits for a pipe, never reads more than a
 * list can hold.
 */
export function readRecheckList(path: string): RecheckList {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === null) throw error;
    throw new UsageError(`Cannot use "${path}": ${errno === "ENOENT" ? "there is no such file" : errno}`);
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new UsageError(`Cannot use "${path}": it is not a regular file`);
    if (stat.size > LARGEST_LIST) throw new UsageError(`Cannot use "${path}": it is too long for a list of findings`);
    return parseRecheckList(readFileSync(fd), path);
  } finally {
    closeSync(fd);
  }
}
