import { Option } from "commander";
import { DEFAULT_PERSIST } from "../../report/standing.ts";
import { wholeNumber } from "../values.ts";

/** `--persist`, of `compare` too. */
export function persistOption(): Option {
  return new Option("--persist <n>", "nagios, prometheus: comparisons after which what is still there alarms")
    .argParser(wholeNumber("--persist", 1, 1000))
    .default(DEFAULT_PERSIST);
}
