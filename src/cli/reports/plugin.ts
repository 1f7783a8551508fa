/** What commands have in common that a monitoring system runs as plugins. */
import type { ExitCode, SpooldiffError } from "../../errors.ts";
import { NAGIOS_CODES, writeNagiosFailure } from "../../report/nagios.ts";
import { standardOutput } from "../output.ts";

/** Says that a check could not be made as a monitoring system reads it: exit code 2 would be an alarm. */
export function pluginFailure(error: SpooldiffError): ExitCode {
  const output = standardOutput();
  const status = writeNagiosFailure(error.message, (chunk) => output.write(chunk));
  output.close();
  return NAGIOS_CODES[status] as ExitCode;
}
