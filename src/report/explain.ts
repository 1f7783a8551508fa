/** What `spooldiff explain` prints: of one class or rule, or the list of all of them. */
import { CHECK_OF_CLASS, VARIANCE_CLASSES, type VarianceClass } from "../compare/classes.ts";
import { RULE_IDS, RULES, type Rule, type RuleId, rulesOf } from "../compare/judge/rules.ts";
import { MEANINGS } from "../compare/meanings/meanings.ts";
import { MEANINGS_OF_NOTES, NOTE_CLASSES, type NoteClass } from "../compare/meanings/notes.ts";
import type { Sink } from "./format.ts";
import { jsonLine } from "./json.ts";
import { createPage, type Page } from "./text/page.ts";
import { createStyle } from "./text/style.ts";
import { CHECK_WORDS } from "./text/words.ts";

/** What can be explained: a class of findings, a rule of the judge, or a note. */
export type Topic = { readonly class: VarianceClass } | { readonly rule: RuleId } | { readonly note: NoteClass };

/** Every class, then every rule, then every note. */
export const TOPICS: readonly Topic[] = [
  ...VARIANCE_CLASSES.map((name) => ({ class: name })),
  ...RULE_IDS.map((id) => ({ rule: id })),
  ...NOTE_CLASSES.map((name) => ({ note: name })),
];

/** The identifier that a topic is asked for by. */
export function nameOf(topic: Topic): string {
  return "class" in topic ? topic.class : "rule" in topic ? topic.rule : topic.note;
}

/** Explains a class or a rule, for people. */
export function writeTopicText(topic: Topic, colour: boolean, sink: Sink): void {
  const page = createPage(sink, createStyle(colour));
  if ("class" in topic) writeClass(page, topic.class);
  else if ("rule" in topic) writeRule(page, topic.rule);
  else {
    page.line(page.style.strong(topic.note));
    page.line(page.style.faint("  a note, never a variance"));
    page.blank();
    page.labelled("means", [MEANINGS_OF_NOTES[topic.note]]);
  }
}

/** Every class with the check that it belongs to and its first sentence, and the ids of all rules. */
export function writeTopicsText(colour: boolean, sink: Sink): void {
  const page = createPage(sink, createStyle(colour));
  page.line(page.style.strong("Classes of findings"));
  for (const name of VARIANCE_CLASSES) {
    page.line(`  ${name}`);
    page.prose(firstSentence(MEANINGS[name].means), 6);
  }
  page.heading("Rules that decide what a finding means");
  page.prose(RULE_IDS.join(", "), 2);
  page.heading("Notes");
  page.prose(NOTE_CLASSES.join(", "), 2);
  page.blank();
  page.prose("spooldiff explain NAME says more of each: a class, a rule or a note.", 0);
}

/** One object for each topic, a line each. */
export function writeTopicsJson(topics: readonly Topic[], sink: Sink): void {
  for (const topic of topics) {
    if ("class" in topic) {
      const check = CHECK_OF_CLASS[topic.class];
      const rules = rulesOf(topic.class);
      sink(jsonLine({ type: "class", class: topic.class, check, ...MEANINGS[topic.class], rules }));
    } else if ("rule" in topic) sink(jsonLine({ type: "rule", rule: topic.rule, ...RULES[topic.rule] }));
    else sink(jsonLine({ type: "note", class: topic.note, means: MEANINGS_OF_NOTES[topic.note] }));
  }
}

function writeClass(page: Page, name: VarianceClass): void {
  const { means, cyrus, logs, hazard, repair } = MEANINGS[name];
  page.line(page.style.strong(name));
  page.line(page.style.faint(`  part of the check: ${CHECK_WORDS[CHECK_OF_CLASS[name]]}`));
  page.blank();
  page.labelled("means", [means]);
  page.labelled("Cyrus", [cyrus]);
  page.labelled("in its log", logs.length === 0 ? ["nothing that one could search for"] : logs);
  page.labelled("hazard", [hazard]);
  page.labelled("repair", [repair]);
  const rules = rulesOf(name);
  if (rules.length === 0) return;
  page.heading("Rules that can decide it");
  for (const id of rules) {
    page.line(`  ${id}`);
    page.prose(RULES[id].sentence, 6);
    page.prose(`(${RULES[id].source})`, 6);
  }
}

function writeRule(page: Page, id: RuleId): void {
  const { sentence, source, classes }: Rule = RULES[id];
  page.line(page.style.strong(id));
  page.line(page.style.faint("  a rule of the judge"));
  page.blank();
  page.labelled("says", [sentence]);
  page.labelled("source", [source]);
  page.labelled("decides", [classes.join(", ")]);
}

/** Up to the first full stop or colon that is not within brackets. */
function firstSentence(text: string): string {
  return /^(?:\([^)]*\)|[^(])*?[.:](?= |$)/.exec(text)?.[0].replace(/:$/, ".") ?? text;
}
