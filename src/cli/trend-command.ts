import { type Command, Option } from "commander";
import type { Finish } from "./finish.ts";
import { persistOption } from "./reports/persist-option.ts";
import { formatOption, TREND_FORMATS } from "./reports/report-targets.ts";
import type { TrendOptions } from "./trend-run.ts";
import { duration } from "./values.ts";

/** Adds `spooldiff trend`. */
export function addTrendCommand(program: Command, finish: Finish): void {
  program
    .command("trend")
    .summary("say whether the two are converging, from earlier comparisons")
    .description(
      "Says in one word whether a pair is converging, from the comparisons that compare --state remembered, and for each user. The state file is read only.\n\nExamples:\n  spooldiff trend pair.db --chart\n  spooldiff trend pair.db --format nagios --max-age 26h",
    )
    .argument("<state>", "file that compare --state wrote")
    .addOption(formatOption(TREND_FORMATS))
    .addOption(
      new Option("--max-age <time>", "a last comparison older than this says nothing: unknown").argParser(
        duration("--max-age"),
      ),
    )
    .addOption(persistOption())
    .option("--chart", "draw the open findings over time, in text")
    .action(async (path, options) => {
      const { trend } = await import("./trend-run.ts");
      finish(await trend(path, options as unknown as TrendOptions));
    });
}
