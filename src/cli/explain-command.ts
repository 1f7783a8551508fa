import { type Command, Option } from "commander";
import { ExitCode, UsageError } from "../errors.ts";
import { nameOf, TOPICS, type Topic, writeTopicsJson, writeTopicsText, writeTopicText } from "../report/explain.ts";
import type { Finish } from "./finish.ts";
import { nearest } from "./nearest.ts";
import { standardOutput } from "./output.ts";
import { wantsColour } from "./reports/report-targets.ts";
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
    .action((name: string | undefined, options: { format: "text" | "json" }) => {
      finish(explain(name, options.format));
    });
}

/** Prints what there is to say of `name`, or the list of all names. */
function explain(name: string | undefined, format: "text" | "json"): ExitCode {
  const topic = name === undefined ? null : topicOf(name);
  const output = standardOutput();
  const colour = wantsColour({ name: "text", file: null });
  const sink = (chunk: string) => output.write(chunk);
  if (format === "json") writeTopicsJson(topic === null ? TOPICS : [topic], sink);
  else if (topic === null) writeTopicsText(colour, sink);
  else writeTopicText(topic, colour, sink);
  output.close();
  return ExitCode.ok;
}

function topicOf(name: string): Topic {
  const topic = TOPICS.find((candidate) => nameOf(candidate) === name.toLowerCase());
  if (topic !== undefined) return topic;
  const near = nearest(name.toLowerCase(), TOPICS.map(nameOf));
  throw new UsageError(
    `Cannot explain "${name}": there is no such class or rule`,
    near.length > 0 ? `Did you mean ${near.join(" or ")}?` : "spooldiff explain lists them all",
  );
}
