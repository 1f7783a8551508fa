/** Reads a configuration, and gives a command what it says. */
import { userInfo } from "node:os";
import { type Command, CommanderError, type Option } from "commander";
import { UsageError } from "../../errors.ts";
import type { InputFile } from "../input-file.ts";
import {
  allowedFor,
  configurableCommands,
  isRepeatable,
  keyOf,
  type Setting,
  settingsSchema,
} from "./option-schema.ts";
import { readTomlFile, type TomlFile } from "./toml-file.ts";

const KIND = {
  what: "a configuration",
  largestBytes: 1 << 18,
  absent: "Name a configuration that is there, or leave --config away",
};

/**
 * Gives a command what its table in the configuration says, in place of the defaults. The whole file is checked,
 * whichever command runs.
 *
 * @throws {UsageError} that names file, line and key
 */
export function applySettings(path: string, program: Command, command: Command): void {
  const commands = configurableCommands(program);
  if (!commands.some(([each]) => each === command)) return;
  const file = readTomlFile(path, KIND, settingsSchema(program), (input) => checkOwner(path, input));
  for (const [each, options] of commands) {
    for (const option of options) {
      const setting = file.value[each.name()]?.[keyOf(option)];
      if (setting === undefined) continue;
      const value = parsed(option, setting, file, [each.name(), keyOf(option)]);
      const typed = ["cli", "env"].includes(each.getOptionValueSource(option.attributeName()) ?? "");
      if (each === command && !typed) each.setOptionValueWithSource(option.attributeName(), value, "config");
    }
  }
}

/** Who can write the file can have root write any other: `output` is an option too. */
function checkOwner(path: string, { stat }: InputFile): void {
  const user = userInfo();
  const trusted = stat.uid === 0 || stat.uid === user.uid;
  const writable = (stat.mode & (user.uid === 0 ? 0o022 : 0o002)) !== 0;
  if (trusted && !writable) return;
  const found = trusted ? "others than its owner may write it" : "it belongs to another user";
  throw new UsageError(
    `Cannot use "${path}" as user ${user.username}: ${found}`,
    `Look what is in it, then make it safe: chown root "${path}"; chmod go-w "${path}"`,
  );
}

/** A setting as its option would have parsed it. */
function parsed(option: Option, setting: Setting, file: TomlFile<unknown>, key: readonly string[]): unknown {
  if (typeof setting === "boolean") return setting;
  const parse = (text: string, earlier: unknown): unknown => {
    if (option.parseArg === undefined) return text;
    try {
      return option.parseArg(text, earlier as never);
    } catch (error) {
      if (error instanceof CommanderError) throw file.failure(key, `it is "${text}"`, error.message);
      if (!(error instanceof UsageError)) throw error;
      // Its own sentence names the option, which nobody typed.
      const found = error.message.replace(/^Cannot use --[\w-]+ ".*": /s, `it is "${text}": `);
      throw file.failure(key, found, error.hint ?? `Allowed is ${allowedFor(option)}`);
    }
  };
  if (!isRepeatable(option)) return parse(String(setting), undefined);
  return (setting as readonly string[]).reduce<unknown>((earlier, text) => parse(text, earlier), []);
}
