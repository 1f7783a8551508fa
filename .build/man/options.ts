/** Options of the program as a manual shows them, from the one table that there is. */
import type { Argument, Command, Option } from "commander";
import { argument, definitions, prose } from "./mdoc.ts";

/** Options that are the program's own, and not explained with each command. */
export function shownOptions(command: Command): readonly Option[] {
  return command.options.filter(({ hidden }) => !hidden);
}

/** The list of a command's options, each with what it does and its default. */
export function optionList(options: readonly Option[]): string[] {
  return definitions(
    "Ds",
    options.map((option) => [optionTerm(option), prose(`${capital(option.description)}${facts(option)}.`)]),
  );
}

/** `Fl C , Fl \-imapd-conf Ar file`. */
function optionTerm({ flags }: Option): string {
  const [, names = "", value = ""] = /^([^<[]+?)(?:\s+[<[](.+)[>\]])?$/.exec(flags) ?? [];
  const words = names.split(/,\s*/).map((name) => `Fl ${name.slice(1).replace(/^-/, "\\-")}`);
  return `${words.join(" , ")}${value === "" ? "" : ` Ar ${argument(value)}`}`;
}

function facts({ argChoices, defaultValue, defaultValueDescription, envVar }: Option): string {
  const known = [
    argChoices === undefined ? null : `one of ${argChoices.join(", ")}`,
    defaultOf(defaultValue, defaultValueDescription),
    envVar === undefined ? null : `also by the variable ${envVar}`,
  ].filter((fact) => fact !== null);
  return known.length === 0 ? "" : ` (${known.join("; ")})`;
}

/** The default as the help has it; null where there is none. */
export function defaultOf(value: unknown, description: string | undefined): string | null {
  if (description !== undefined) return `default: ${description}`;
  return value === undefined ? null : `default: ${String(value)}`;
}

/** Arguments of a command as its synopsis has them. */
export function argumentWords(words: readonly Argument[]): string {
  return words.map((word) => (word.required ? ` Ar ${word.name()}` : ` Op Ar ${word.name()}`)).join("");
}

/** A text as the beginning of a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
