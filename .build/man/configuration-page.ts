import type { Command, Option } from "commander";
import { DEFAULT_CONFIGURATION } from "../../src/cli/settings/configuration.ts";
import { allowedFor, configurableCommands, keyOf } from "../../src/cli/settings/option-schema.ts";
import { argument, definitions, head, literal, prose } from "./mdoc.ts";
import { capital, defaultOf } from "./options.ts";

/** spooldiff.toml(5). */
export function configurationPage(program: Command, date: string): string[] {
  return [
    ...head("spooldiff.toml", 5, date, "configuration of spooldiff"),
    ".Sh DESCRIPTION",
    ...prose(
      `Options of spooldiff that need not be typed. The file is ${DEFAULT_CONFIGURATION}, which need not be there, or what --config or the variable SPOOLDIFF_CONFIG names; with --no-config none is read.`,
    ),
    ".Pp",
    ...prose(
      "It is TOML, in UTF-8, with one table for each command. What is typed overrides what stands there, also where an option may be given several times: then all that is typed is in place of all that stands there. A switch that is true there cannot be typed away, but by --no-config. A path that does not begin with a slash is relative to the directory in which the command runs.",
    ),
    ".Pp",
    ...prose(
      "The whole file is checked whichever command runs, except by those without a table. A key that is not listed here is an error, as is a value of another kind; errors name file, line and key. Options of a single run, such as --plan and --after, have no place here.",
    ),
    ".Pp",
    ...prose(
      "The file must belong to root or to the user who runs the command, and others must not be able to write it; where that user is root, its group must not either. A file that is not so is refused, with exit code 2: who can write it could have root write any other file.",
    ),
    ".Sh TABLES",
    ...configurableCommands(program).flatMap(([command, options]) => [
      `.Ss Table ${command.name()}`,
      ...definitions(
        "Ds",
        options.map((option) => [`Sy ${argument(keyOf(option))}`, meaningOf(option)]),
      ),
    ]),
    ".Sh EXAMPLES",
    ...literal(EXAMPLE),
    ".Sh SEE ALSO",
    ".Xr spooldiff 1",
  ];
}

/** A configuration of a pair that is compared every night. */
const EXAMPLE = [
  "[scan]",
  'imapd-conf = "/etc/imapd.conf"',
  'max-rate = "50M"',
  'exclude = ["user.spam.*", "user.test*"]',
  "",
  "[compare]",
  'state = "/var/lib/spooldiff/pair.db"',
  'ignore = "/etc/spooldiff-ignore.toml"',
  'format = ["text", "json=/var/lib/spooldiff/report.ndjson"]',
  'max-lag = "6h"',
  "",
  "[trend]",
  'max-age = "26h"',
];

function meaningOf(option: Option): string[] {
  const fact = defaultOf(option.defaultValue, option.defaultValueDescription);
  return [
    ...prose(`${capital(option.description)}.`),
    ".br",
    ...prose(`${allowedFor(option)}${fact === null ? "" : ` (${fact})`}`),
  ];
}
