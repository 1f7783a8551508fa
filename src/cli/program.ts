import { Command, CommanderError } from "commander";
import { EXIT_CODE_MEANINGS, ExitCode } from "../errors.ts";
import { terminalText } from "../report/escape.ts";
import { addCompareCommand } from "./compare-command.ts";
import { addCompletionCommand } from "./completion.ts";
import { addDemoCommand } from "./demo-command.ts";
import { addExplainCommand } from "./explain-command.ts";
import { describeFailure } from "./failure.ts";
import type { Finish } from "./finish.ts";
import { addInspectCommand } from "./inspect-command.ts";
import { standardOutput } from "./output.ts";
import { addScanCommand } from "./scan/scan-command.ts";
import { applyConfiguration, configurationOptions } from "./settings/configuration.ts";
import { addTrendCommand } from "./trend-command.ts";
import { addVerifyCommand } from "./verify-command.ts";
import { versionText } from "./version.ts";

/** Narrow terminals are common where mail servers are looked after. */
const HELP_LAYOUT = { helpWidth: 80, minWidthToWrap: 20, showGlobalOptions: true };

/** Runs the command that `words` name and returns its exit code. Never throws for what a person typed. */
export async function run(words: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = ExitCode.ok;
  const finish: Finish = (result) => {
    code = result;
  };
  try {
    await buildProgram(finish).parseAsync(words, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.failed;
    process.stderr.write(describeFailure(error));
    return ExitCode.failed;
  }
}

/** The command line as a whole: the one table of commands and options, of which help, manual and completion are made. */
export function buildProgram(finish: Finish): Command {
  const program = new Command("spooldiff")
    .description(
      "Is the mail on my replica the same as on my primary? Answers from the files on disk of both hosts: scan each host, bring the two manifests together, compare them.\n\nExample, replica first:\n  replica# spooldiff scan -C /etc/imapd.conf -o mx2.db\n  primary# rsync mx2:mx2.db .\n  primary# spooldiff scan -C /etc/imapd.conf --after mx2.db -o mx1.db\n  primary# spooldiff compare mx1.db mx2.db",
    )
    .version(versionText(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .showHelpAfterError("(spooldiff --help lists the commands; spooldiff COMMAND --help its options)")
    .exitOverride()
    .configureOutput({ writeOut: writeHelp, outputError: (text, write) => write(usageFailure(text)) })
    .configureHelp(HELP_LAYOUT);
  for (const option of configurationOptions()) program.addOption(option);
  program.addHelpText("after", exitCodesText());
  program.hook("preAction", (_, command) => applyConfiguration(program, command));
  addScanCommand(program, finish);
  addCompareCommand(program, finish);
  addTrendCommand(program, finish);
  addInspectCommand(program, finish);
  addVerifyCommand(program, finish);
  addExplainCommand(program, finish);
  addDemoCommand(program, finish);
  addCompletionCommand(program);
  for (const command of program.commands) {
    command.exitOverride().configureHelp(HELP_LAYOUT).addHelpText("after", exitCodesText());
    command.showHelpAfterError(`(spooldiff ${command.name()} --help lists the options)`);
  }
  return program;
}

/** Help goes where reports go: a reader that leaves early is no failure, and a full disk is one. */
function writeHelp(text: string): void {
  const output = standardOutput();
  output.write(text);
  output.close();
}

/** What commander says of a wrong command line, in the form of all other failures. */
function usageFailure(text: string): string {
  const sentence = text.replace(/^error: (.)/, (_, first: string) => `spooldiff: ${first.toUpperCase()}`);
  return `${sentence.trimEnd().split("\n").map(terminalText).join("\n")}\n`;
}

function exitCodesText(): string {
  const lines = EXIT_CODE_MEANINGS.map(([code, meaning]) => `  ${code}  ${meaning}`);
  return `\nExit codes:\n${lines.join("\n")}\n`;
}
