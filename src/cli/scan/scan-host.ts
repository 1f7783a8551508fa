/** `spooldiff scan` once its options are parsed: checks what they name, then reads this host's store. */
import { type ExitCode, UsageError } from "../../errors.ts";
import { ManifestReader } from "../../manifest/reader.ts";
import { openStore } from "../../store/registry.ts";
import { standardOutput } from "../output.ts";
import { readRecheckList } from "../worklist/recheck-file.ts";
import { openBase } from "./scan-base.ts";
import { checkAccess, checkAfter, checkOutputPlace, explainAccess } from "./scan-guards.ts";
import type { ScanCommandOptions } from "./scan-job.ts";
import { printPlan } from "./scan-plan.ts";
import { runAndWrite } from "./scan-run.ts";

/** Scans one store and writes its manifest, or prints the plan. */
export async function scan(options: ScanCommandOptions): Promise<ExitCode> {
  if (options.plan !== true && (options.output ?? "") === "") {
    throw new UsageError("Cannot scan: no --output was given", "Name the manifest to write: -o mx1.db");
  }
  const config = {
    configFile: options.imapdConf ?? null,
    partitions: options.partition.map(partitionOption),
    configDirectory: options.configDirectory ?? null,
  };
  const store = await openStore(options.store, config).catch((error: unknown) => {
    throw explainAccess(error);
  });
  checkAccess(store);
  if (options.output !== undefined) checkOutputPlace(store, options.output);
  if (options.plan === true) return printPlan(store, options, standardOutput());
  if (options.output !== undefined && options.after !== undefined) checkAfter(options.after, options.output);
  const afterId = options.after === undefined ? null : idOfEarlier(options.after);
  const only = options.only === undefined ? undefined : readRecheckList(options.only).scope;
  const say = (text: string) => void (options.quiet === true || process.stderr.write(`${text}\n`));
  const base = openBase(store, options, say);
  try {
    return await runAndWrite({ store, options, output: options.output ?? "", afterId, only, base });
  } finally {
    base?.close();
  }
}

/** The other manifest is under its final name and sealed: so its scan had ended before this one began. */
function idOfEarlier(path: string): string {
  const earlier = ManifestReader.open(path);
  try {
    return earlier.facts.id;
  } finally {
    earlier.close();
  }
}

function partitionOption(text: string): { name: string; directory: string } {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1) {
    throw new UsageError(
      `Cannot use --partition "${text}": it is not NAME=DIR`,
      "For example --partition default=/var/spool/cyrus/mail",
    );
  }
  return { name: text.slice(0, at), directory: text.slice(at + 1) };
}
