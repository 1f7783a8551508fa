/** `/etc/spooldiff.toml`: options that need not be typed. What is typed overrides it. */
import { existsSync } from "node:fs";
import { type Command, Option } from "commander";

/** Read where no other is named, if it is there. */
export const DEFAULT_CONFIGURATION = "/etc/spooldiff.toml";

/** The variable that names another one, for who cannot add an option; empty: none is read. */
const CONFIGURATION_VARIABLE = "SPOOLDIFF_CONFIG";

/** The options of the program that say which configuration is read. */
export function configurationOptions(): Option[] {
  return [
    new Option("--config <file>", `configuration, in place of ${DEFAULT_CONFIGURATION}`).env(CONFIGURATION_VARIABLE),
    new Option("--no-config", "read no configuration"),
  ];
}

/** Gives a command what the configuration says for it, where there is one. */
export async function applyConfiguration(program: Command, command: Command): Promise<void> {
  const path = pathOf(program.opts().config);
  if (path === null) return;
  // What reads it takes longer to load than most commands take to run.
  const { applySettings } = await import("./apply-settings.ts");
  applySettings(path, program, command);
}

/** @param chosen a path, or empty or false for none; else the usual one, which need not be there */
function pathOf(chosen: unknown): string | null {
  if (chosen === false || chosen === "") return null;
  if (typeof chosen === "string") return chosen;
  return existsSync(DEFAULT_CONFIGURATION) ? DEFAULT_CONFIGURATION : null;
}
