/** What commands have in common that a monitoring system runs as plugins. */
import { Option } from "commander";
import type { ExitCode, SpooldiffError } from "../../errors.ts";
import { NAGIOS_CODES, writeNagiosFailure } from "../../report/nagios.ts";
import { DEFAULT_PERSIST } from "../../report/standing.ts";
import { standardOutput } from "../output.ts";
import { wholeNumber } from "../values.ts";

/** `--persist`, of `compare` too. */
export function persistOption(): Option {
  return new Option("--persist <n>", "nagios, prometheus: comparisons after which what is still there alarms")
    .argParser(wholeNumber("--persist", 1, 1000))
    .default(DEFAULT_PERSIST);
}

/** Says that a check could not be made as a monitoring system reads it: exit code 2 would be an alarm. */
export function pluginFailure(error: SpooldiffError): ExitCode {
  const output = standardOutput();
  const status = writeNagiosFailure(error.message, (chunk) => output.write(chunk));
  output.close();
  return NAGIOS_CODES[status] as ExitCode;
}
