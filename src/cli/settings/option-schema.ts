/** What the configuration may hold, made of the one table of options that there is: the commands themselves. */
import type { Command, Option } from "commander";
import * as v from "valibot";
import { isConfigurable } from "./once-only.ts";

/** A value as a configuration may give it. */
export type Setting = string | number | boolean | readonly string[];

/** The tables of a configuration, by command, and in each the settings by name. */
export type Settings = Readonly<Record<string, Readonly<Record<string, Setting>> | undefined>>;

/** The commands that have a table, each with the options that may stand there. */
export function configurableCommands(program: Command): readonly (readonly [Command, readonly Option[]])[] {
  return program.commands
    .map((command) => [command, command.options.filter(isConfigurable)] as const)
    .filter(([, options]) => options.length > 0);
}

/** The key of an option in its table: its long name without the dashes. */
export function keyOf(option: Option): string {
  return (option.long ?? "").replace(/^--/, "");
}

/** The schema of a whole configuration. */
export function settingsSchema(program: Command): v.GenericSchema<unknown, Settings> {
  const tables = configurableCommands(program).map(([command, options]) => {
    const entries = Object.fromEntries(options.map((option) => [keyOf(option), v.optional(valueSchema(option))]));
    return [command.name(), v.optional(v.strictObject(entries, `a table, [${command.name()}]`))];
  });
  return v.strictObject(Object.fromEntries(tables), "tables of commands") as unknown as v.GenericSchema<
    unknown,
    Settings
  >;
}

/** What may stand for an option, in words: for errors and the manual. */
export function allowedFor(option: Option): string {
  if (option.isBoolean()) return "true or false";
  if (option.argChoices !== undefined) return `"${option.argChoices.join('" or "')}"`;
  const [, value = ""] = /[<[](.+)[>\]]/.exec(option.flags) ?? [];
  if (isNumber(option)) return "a whole number";
  if (isBytes(option)) return 'an amount as "800K" or "50M", or a number of bytes';
  if (isTime(option)) return 'a time as "90s", "15m", "12h" or "2d", or a number of seconds';
  return isRepeatable(option) ? `a list of texts, each ${value}` : `a text, ${value}`;
}

function valueSchema(option: Option): v.GenericSchema<unknown, Setting> {
  const allowed = allowedFor(option);
  if (option.isBoolean()) return v.boolean(allowed);
  const text = v.pipe(v.string(allowed), v.minLength(1, allowed));
  if (option.argChoices !== undefined) return v.picklist([...option.argChoices], allowed);
  if (isNumber(option)) return v.pipe(v.number(allowed), v.integer(allowed));
  if (isTime(option) || isBytes(option)) return v.union([text, v.pipe(v.number(), v.integer())], allowed);
  return isRepeatable(option) ? v.array(text, allowed) : text;
}

// The word that stands for the value says what kind of one it is, here as in the help.
function isNumber(option: Option): boolean {
  return /<n>/.test(option.flags);
}

function isTime(option: Option): boolean {
  return /<time>/.test(option.flags);
}

function isBytes(option: Option): boolean {
  return /<bytes>/.test(option.flags);
}

/** True for an option that gathers what it is given several times. */
export function isRepeatable(option: Option): boolean {
  return Array.isArray(option.defaultValue);
}
