/** `spooldiff complete SHELL`: a script that completes commands, options, values and files. */
import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";
import { VARIANCE_CLASSES } from "../compare/classes.ts";
import { REPORT_FORMATS } from "../report/reporter.ts";
import { standardOutput } from "./output.ts";

/** Values that an option takes, or an argument, where the table of options does not list them. */
const VALUES: readonly (readonly [command: string, name: string, values: () => Promise<readonly string[]>])[] = [
  ["compare", "format", async () => Object.keys(REPORT_FORMATS)],
  ["explain", "name", namesToExplain],
];

async function namesToExplain(): Promise<readonly string[]> {
  const { nameOf, TOPICS } = await import("../report/explain.ts");
  return [...new Set([...VARIANCE_CLASSES, ...TOPICS.map(nameOf)])];
}

/** The directive by which a script offers files too; the library itself never does. */
const OFFER_FILES = ":0";

/** Adds `spooldiff complete`. Called when the program has all its other commands. */
export function addCompletionCommand(program: Command): void {
  const table = tab(program);
  const loaded = new Map<string, readonly string[]>();
  for (const [command, name] of VALUES) {
    const { options, arguments: words } = table.commands.get(command) ?? {};
    const taker = options?.get(name) ?? words?.get(name);
    if (taker === undefined) throw new TypeError(`there is no ${command} ${name} to complete`);
    taker.handler = (complete) => {
      for (const value of loaded.get(`${command} ${name}`) ?? []) complete(value, "");
    };
  }
  const command = program.commands.find((each) => each.name() === "complete");
  command
    ?.summary("print a script by which a shell completes commands and options")
    .description(
      "Prints the script for bash (with the package bash-completion), zsh, fish or powershell.\n\nExamples:\n  spooldiff complete bash > /etc/bash_completion.d/spooldiff\n  spooldiff complete zsh > /usr/local/share/zsh/site-functions/_spooldiff\n  spooldiff complete fish > ~/.config/fish/completions/spooldiff.fish",
    );
  const captured = new CapturedLines();
  command?.hook("preAction", async () => {
    for (const [taker, name, values] of VALUES) loaded.set(`${taker} ${name}`, await values());
    captured.begin();
  });
  command?.hook("postAction", () => writeCompletion(captured.end()));
}

/** Lines that the library prints, held back: it writes past what takes care of readers that leave and of full disks. */
class CapturedLines {
  readonly #lines: string[] = [];
  readonly #console = console;
  readonly #log = this.#console.log;

  begin(): void {
    this.#console.log = (text: string) => this.#lines.push(...text.split("\n"));
  }

  end(): readonly string[] {
    this.#console.log = this.#log;
    return this.#lines;
  }
}

function writeCompletion(lines: readonly string[]): void {
  const output = standardOutput();
  const suggestions = lines.length - 1;
  const answers = /^:\d+$/.test(lines.at(-1) ?? "");
  const text = answers && suggestions === 0 ? [OFFER_FILES] : lines.map((line) => (answers ? line : scriptLine(line)));
  output.write(`${text.join("\n")}\n`);
  output.close();
}

/**
 * A line of the script. That of bash offers files where nothing else is there to offer, may be read twice, and does not
 * run what stands in the line that is being typed, as `$(…)`: it hands its words to eval.
 */
function scriptLine(line: string): string {
  return line
    .replace(/^complete -F /, "complete -o default -F ")
    .replace(/^readonly (?=ShellCompDirective)/, "")
    .replace(/^( *requestComp="spooldiff complete -- )(\$\{words\[@\]:1\})"$/, `$1$(printf '%q ' "$2")"`);
}
