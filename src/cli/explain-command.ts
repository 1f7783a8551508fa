import { type Command, Option } from "commander";
import type { Finish } from "./finish.ts";
import { onceOnly } from "./settings/once-only.ts";

/** Adds `spooldiff explain`. */
export function addExplainCommand(program: Command, finish: Finish): void {
  program
    .command("explain")
    .summary("say what a finding means, what Cyrus logs for it, and how to mend it")
    .description(
      "Explains a class of findings (file-corrupt, message-missing, …) or a rule that decides one (replica-ahead, …); without a name, lists them all.\n\nExample:\n  spooldiff explain file-corrupt",
    )
    .argument("[name]", "a class or a rule, as reports name it")
    .addOption(onceOnly(new Option("--format <format>", "how to print it").choices(["text", "json"]).default("text")))
    .action(async (name: string | undefined, options: { format: "text" | "json" }) => {
      const { explain } = await import("./explain-run.ts");
      finish(explain(name, options.format));
    });
}
