import { LARGEST_LIST } from "../../worklist/recheck-list.ts";
import { parseRecheckList, type RecheckList } from "../../worklist/recheck-scope.ts";
import { readInputFile } from "../input-file.ts";

/** Reads the list that `--only` names. It may come from another host. */
export function readRecheckList(path: string): RecheckList {
  const kind = {
    what: "a list of findings",
    largestBytes: LARGEST_LIST,
    absent: "Name the recheck.list that compare --worklist wrote",
  };
  return parseRecheckList(readInputFile(path, kind).bytes, path);
}
