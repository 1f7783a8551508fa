import type { Command } from "commander";
import type { Finish } from "./finish.ts";

/** Adds `spooldiff demo`. */
export function addDemoCommand(program: Command, finish: Finish): void {
  program
    .command("demo")
    .summary("scan and compare two small spools with planted damage")
    .description(
      "Writes two small Cyrus spools to a temporary folder, one of them damaged, scans and compares them, prints the report, and deletes the folder.\n\nExample:\n  spooldiff demo",
    )
    .action(async () => {
      const { demo } = await import("./demo-run.ts");
      finish(await demo());
    });
}
