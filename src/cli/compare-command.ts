import { type Command, Option } from "commander";
import { REPORT_FORMATS } from "../report/reporter.ts";
import type { CompareOptions } from "./compare-run.ts";
import type { Finish } from "./finish.ts";
import { persistOption } from "./reports/persist-option.ts";
import { formatOption } from "./reports/report-targets.ts";
import { duration, repeatable, wholeNumber } from "./values.ts";

/** Adds `spooldiff compare`. */
export function addCompareCommand(program: Command, finish: Finish): void {
  program
    .command("compare")
    .summary("say what differs between two manifests, and what it means")
    .description(
      "Compares the manifests of a primary and its replica: what differs, whether replication will bring it, which side is wrong.\n\nExample:\n  spooldiff compare mx1.db mx2.db",
    )
    .argument("<primary>", "manifest of the primary")
    .argument("<replica>", "manifest of the replica")
    .addOption(formatOption(Object.keys(REPORT_FORMATS)))
    .addOption(durationOption("--settle", "age under which a difference without an order may be in flight", "15m"))
    .addOption(durationOption("--max-lag", "lag beyond which the verdict is stalled", "24h"))
    .addOption(durationOption("--max-gap", "scans further apart than this are incomplete", "12h"))
    .addOption(
      new Option("--max-age <time>", "manifests older than this are incomplete").argParser(duration("--max-age")),
    )
    .addOption(durationOption("--clock-skew", "how far the clocks of the hosts may be apart", "5s"))
    .addOption(repeatable("--include <glob>", "only mailboxes of these names", "every name"))
    .addOption(repeatable("--exclude <glob>", "no mailboxes of these names", "none"))
    .addOption(
      new Option("--limit <n>", "findings shown of each class; totals stay exact")
        .argParser(wholeNumber("--limit", 1, 1_000_000))
        .default(1000),
    )
    .option("--all", "every mailbox, not only those that differ")
    .option("--state <file>", "remember findings there: one file for each pair of hosts")
    .addOption(persistOption())
    .option("--ignore <file>", "accepted differences, which count in no verdict: each with reason and expiry date")
    .option("--worklist <dir>", "write repair, rescue and recheck lists there, for people to review")
    .option("-C, --imapd-conf <file>", "imapd.conf of the primary, for paths and names in the lists")
    .option("--replica-imapd-conf <file>", "that of the replica, where it is another one")
    .action(async (primary, replica, options) => {
      const { compareAsAsked } = await import("./compare-run.ts");
      finish(await compareAsAsked(primary, replica, options as unknown as CompareOptions));
    });
}

function durationOption(name: string, description: string, value: string): Option {
  return new Option(`${name} <time>`, description).argParser(duration(name)).default(duration(name)(value), value);
}
