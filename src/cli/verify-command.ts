import type { Command } from "commander";
import type { Finish } from "./finish.ts";

/** Adds `spooldiff verify`. */
export function addVerifyCommand(program: Command, finish: Finish): void {
  program
    .command("verify")
    .summary("check a manifest: schema, seal, every row")
    .description(
      "Reads a whole manifest and computes every digest in it again. Ends with 0 when the file is what the scan wrote, and with 2 and what was found when it is not.\n\nExample:\n  spooldiff verify mx2.db",
    )
    .argument("<manifest>", "manifest to check")
    .action(async (path) => {
      const { verify } = await import("./verify-run.ts");
      finish(verify(path));
    });
}
