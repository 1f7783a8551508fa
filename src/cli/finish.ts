import type { ExitCode } from "../errors.ts";

/** Takes the exit code of the command that ran. */
export type Finish = (code: ExitCode) => void;
