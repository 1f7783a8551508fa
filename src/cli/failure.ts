import { SpooldiffError } from "../errors.ts";
import { terminalText } from "../report/escape.ts";

/** What a person reads when a command cannot do its work: what happened, then the next step. Ends with a newline. */
export function describeFailure(error: unknown): string {
  if (error instanceof SpooldiffError) {
    const hint = error.hint === null ? "" : `\n  ${terminalText(error.hint)}`;
    return `spooldiff: ${terminalText(error.message)}${hint}\n`;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const lines = text.split("\n").map(terminalText).join("\n  ");
  return `spooldiff: This should not happen: ${lines}\n  Please report it with the command that you ran\n`;
}
