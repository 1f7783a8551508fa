import { shellWord } from "./grammar.ts";

/** `-C FILE` of a Cyrus tool, where it is not its default. */
export function configOption(configFile: string | null): string {
  return configFile === null ? "" : ` -C ${shellWord(configFile)}`;
}
