import type { Command } from "commander";
import { ExitCode } from "../errors.ts";
import { ManifestReader } from "../manifest/reader.ts";
import { verifyManifest } from "../manifest/verify.ts";
import { terminalText } from "../report/escape.ts";
import { count } from "../report/figures.ts";
import type { Finish } from "./finish.ts";
import { standardOutput } from "./output.ts";

/** Adds `spooldiff verify`. */
export function addVerifyCommand(program: Command, finish: Finish): void {
  program
    .command("verify")
    .summary("check a manifest: schema, seal, every row")
    .description(
      "Reads a whole manifest and computes every digest in it again. Ends with 0 when the file is what the scan wrote, and with 2 and what was found when it is not.\n\nExample:\n  spooldiff verify mx2.db",
    )
    .argument("<manifest>", "manifest to check")
    .action((path) => finish(verify(path)));
}

function verify(path: string): ExitCode {
  const manifest = ManifestReader.open(path);
  try {
    const totals = verifyManifest(manifest);
    const { facts } = manifest;
    const output = standardOutput();
    const rows = `${count(totals.mailboxes)} mailboxes, ${count(totals.messages)} messages, ${count(totals.expunged)} expunged records`;
    const taken = totals.withoutStats ? ", but for file_stat, which was taken out: it is no base for a scan" : "";
    output.write(`${terminalText(path)}: whole and unaltered${taken}\n`);
    output.write(
      `  ${terminalText(facts.host)}, level ${facts.level}, scanned ${new Date(facts.finishedAtMs).toISOString()}\n`,
    );
    output.write(`  ${rows}\n`);
    output.close();
    return ExitCode.ok;
  } finally {
    manifest.close();
  }
}
