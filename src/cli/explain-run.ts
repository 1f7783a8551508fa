/** `spooldiff explain` once its options are parsed. */
import { ExitCode, UsageError } from "../errors.ts";
import { nameOf, TOPICS, type Topic, writeTopicsJson, writeTopicsText, writeTopicText } from "../report/explain.ts";
import { nearest } from "./nearest.ts";
import { standardOutput } from "./output.ts";
import { wantsColour } from "./reports/report-targets.ts";

/** Prints what there is to say of `name`, or the list of all names. */
export function explain(name: string | undefined, format: "text" | "json"): ExitCode {
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
