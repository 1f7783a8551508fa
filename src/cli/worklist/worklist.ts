import type { Findings } from "../../compare/variance.ts";
import { UsageError } from "../../errors.ts";
import type { StoredManifestPair } from "../../manifest/pair.ts";
import { writeWorkLists } from "../../worklist/work-lists.ts";
import { checkWorklistPlace, WorklistDirectory } from "./worklist-directory.ts";
import { workHosts } from "./worklist-hosts.ts";

/** `--worklist` of one comparison, its place checked. */
export interface PreparedWorklist {
  /** Writes the lists, whole or not at all. */
  write(findings: Findings): void;
}

/** Checks where the lists are to go, before anything is compared. */
export function prepareWorklist(
  pair: StoredManifestPair,
  path: string,
  files: { readonly imapdConf?: string; readonly replicaImapdConf?: string },
): PreparedWorklist {
  if (path === "")
    throw new UsageError("Cannot write a work-list: the directory has no name", "Name it: --worklist DIR");
  for (const file of [files.imapdConf, files.replicaImapdConf]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
    if (file !== undefined && /[\x00-\x1f\x7f]/.test(file)) {
      throw new UsageError(
        "Cannot write commands with a configuration file whose name holds a control character",
        "Give a copy of it under another name",
      );
    }
  }
  const { hosts, roots } = workHosts(pair, {
    ...(files.imapdConf === undefined ? {} : { primary: files.imapdConf }),
    ...(files.replicaImapdConf === undefined ? {} : { replica: files.replicaImapdConf }),
  });
  checkWorklistPlace(path, roots);
  return {
    write(findings) {
      const directory = new WorklistDirectory(path);
      try {
        writeWorkLists(findings, hosts, directory);
        directory.finish();
      } catch (error) {
        directory.abandon();
        throw error;
      }
    },
  };
}
