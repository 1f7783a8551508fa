import { type Command, Option } from "commander";
import { ExitCode, UsageError } from "../errors.ts";
import { nameOf, TOPICS, type Topic, writeTopicsJson, writeTopicsText, writeTopicText } from "../report/explain.ts";
import type { Finish } from "./finish.ts";
import { standardOutput } from "./output.ts";
import { wantsColour } from "./report-targets.ts";

/** Names that are proposed for one that was mistyped. */
const PROPOSED = 3;

/** Adds `spooldiff explain`. */
export function addExplainCommand(program: Command, finish: Finish): void {
  program
    .command("explain")
    .summary("say what a finding means, what Cyrus logs for it, and how to mend it")
    .description(
      "Explains a class of findings (file-corrupt, message-missing, …) or a rule that decides one (replica-ahead, …); without a name, lists them all.\n\nExample:\n  spooldiff explain file-corrupt",
    )
    .argument("[name]", "a class or a rule, as reports name it")
    .addOption(new Option("--format <format>", "how to print it").choices(["text", "json"]).default("text"))
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

/** The names that differ from `typed` in few letters, or hold it as a word. */
function nearest(typed: string, names: readonly string[]): string[] {
  const most = Math.max(2, Math.floor(typed.length / 4));
  const scored = names.map((name) => {
    const shares = typed.length >= 3 && name.split("-").some((word) => word === typed);
    return { name, distance: shares ? 0 : distance(typed, name) };
  });
  const close = scored.filter((candidate) => candidate.distance <= most || candidate.name.startsWith(typed));
  return close
    .sort((a, b) => a.distance - b.distance)
    .slice(0, PROPOSED)
    .map(({ name }) => name);
}

/** Letters to insert, to leave out or to replace (Levenshtein). */
function distance(a: string, b: string): number {
  // What a person may have typed is short; what is not resembles no name.
  if (a.length > 64) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
