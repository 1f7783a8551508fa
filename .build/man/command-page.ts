import type { Command } from "commander";
import { EXIT_CODE_MEANINGS } from "../../src/errors.ts";
import { argument, definitions, head, literal, prose, textLine } from "./mdoc.ts";
import { argumentWords, capital, optionList, shownOptions } from "./options.ts";

/** spooldiff(1). */
export function commandPage(program: Command, date: string): string[] {
  const commands = program.commands.filter((command) => command.name() !== "help");
  return [
    ...head("spooldiff", 1, date, "compare the mail spools of a primary and its replica"),
    ".Sh SYNOPSIS",
    ...commands.flatMap(synopsis),
    ".Sh DESCRIPTION",
    ...described(program),
    ".Pp",
    ...prose(
      "Nothing is ever written below a spool or a configuration directory of the mail server, and no lock is taken there.",
    ),
    ".Sh COMMANDS",
    ...commands.flatMap(commandSection),
    ".Sh GENERAL OPTIONS",
    ...optionList(shownOptions(program)),
    ...acceptedDifferences(),
    ".Sh ENVIRONMENT",
    ...definitions("SPOOLDIFF_CONFIG", [
      ["Ev SPOOLDIFF_CONFIG", prose("Names the configuration in place of the usual one. Empty: none is read.")],
      ["Ev NO_COLOR", prose("Where it is set, nothing is coloured.")],
      ["Ev TMPDIR", prose("Where the findings of a comparison are kept while it runs.")],
    ]),
    ".Sh FILES",
    ...definitions("Ds", [
      ["Pa /etc/spooldiff.toml", ["The configuration, if it is there; see", ".Xr spooldiff.toml 5 ."]],
    ]),
    ".Sh EXIT STATUS",
    ...definitions(
      "Ds",
      EXIT_CODE_MEANINGS.map(([code, meaning]) => [`Sy ${code}`, prose(`${capital(meaning)}.`)]),
    ),
    ".Pp",
    ...prose("1 outranks 3, and 3 outranks 4. With --format nagios alone the codes are those of a monitoring plugin."),
    ".Sh SEE ALSO",
    ".Xr spooldiff-manifest 5 ,",
    ".Xr spooldiff.toml 5",
  ];
}

function synopsis(command: Command): string[] {
  const options = shownOptions(command).length > 0 ? " Oo Ar options Oc" : "";
  return [".Nm", `.Cm ${command.name()}${options}${argumentWords(command.registeredArguments)}`];
}

function commandSection(command: Command): string[] {
  const words = command.registeredArguments.map(
    (word) => [`Ar ${word.name()}`, prose(`${capital(word.description)}.`)] as const,
  );
  return [
    `.Ss ${argument(`spooldiff ${command.name()}`)}`,
    ...described(command),
    ...(words.length === 0 ? [] : [".Pp", "Arguments:", ...definitions("Ds", words)]),
    ...(shownOptions(command).length === 0 ? [] : [".Pp", "Options:", ...optionList(shownOptions(command))]),
  ];
}

/** What a command says of itself: prose, then examples. */
function described(command: Command): string[] {
  const [text = "", ...examples] = command.description().split("\n\n");
  const shown = examples.flatMap((example) => {
    const [title = "", ...lines] = example.split("\n");
    return [".Pp", textLine(title), ...literal(lines.map((line) => line.replace(/^ {2}/, "")))];
  });
  return [...prose(text), ...shown];
}

function acceptedDifferences(): string[] {
  return [
    ".Sh ACCEPTED DIFFERENCES",
    ...prose(
      "The file that --ignore names lists differences which are known and may be so. It is TOML, with one table for each:",
    ),
    ...literal([
      "[[accept]]",
      'class = "acl-differs"',
      'mailbox = "user.backup.*"',
      'reason = "the replica is read by the backup, ticket 4711"',
      "expires = 2027-03-31",
    ]),
    ...definitions("expires", [
      ["Sy class", prose("The class of the findings, as reports name it. Required.")],
      [
        "Sy mailbox , owner , key",
        prose("Names of which a finding must have each that is given. The patterns are those of --include."),
      ],
      ["Sy uid", prose("The UID of the message.")],
      ["Sy reason", prose("Why it may be so, for who reads a report. Required.")],
      ["Sy expires", prose("The last day on which it is accepted, UTC. Required.")],
    ]),
    ".Pp",
    ...prose(
      "An accepted finding is listed apart, with its reason, and counted as accepted. It is in no other total, in no verdict and exit code, in no work-list of its own, and not open in the state file. Entries that have expired or cover nothing are notes of the report.",
    ),
    ".Pp",
    ...prose(
      "What could not be told (unproven) is never accepted. What alarms at once (damage, two messages under one UID, split brain) is accepted one by one: the entry must give, without a pattern, the mailbox of the finding, and its uid, owner and key where it has them.",
    ),
  ];
}
