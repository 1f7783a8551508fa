import { type Command, Option } from "commander";
import { REPORT_FORMATS } from "../report/reporter.ts";
import type { Finish } from "./finish.ts";
import type { InspectOptions } from "./inspect-run.ts";
import { formatOption } from "./reports/report-targets.ts";
import { onceOnly } from "./settings/once-only.ts";
import { repeatable, wholeNumber } from "./values.ts";

/** Adds `spooldiff inspect`. */
export function addInspectCommand(program: Command, finish: Finish): void {
  program
    .command("inspect")
    .summary("show one manifest: totals, mailboxes, everything wrong on its host")
    .description(
      "Shows what one manifest holds, and everything that is wrong on its host and needs no partner to be seen. One mailbox: --include NAME --messages.\n\nExample:\n  spooldiff inspect mx1.db",
    )
    .argument("<manifest>", "manifest to show")
    .addOption(formatOption(Object.keys(REPORT_FORMATS), "text, json, csv or junit"))
    .addOption(onceOnly(new Option("--messages", "every message too")))
    .addOption(onceOnly(new Option("--md5sum", "a list that md5sum -c accepts, and nothing else")))
    .addOption(repeatable("--include <glob>", "only mailboxes of these names", "every name"))
    .addOption(repeatable("--exclude <glob>", "no mailboxes of these names", "none"))
    .addOption(
      new Option("--limit <n>", "findings shown of each class; totals stay exact")
        .argParser(wholeNumber("--limit", 1, 1_000_000))
        .default(1000),
    )
    .option("--ignore <file>", "accepted differences, which count in no verdict: each with reason and expiry date")
    .option("--all", "a line for every mailbox")
    .action(async (path, options) => {
      const { inspect } = await import("./inspect-run.ts");
      finish(await inspect(path, options as unknown as InspectOptions));
    });
}
