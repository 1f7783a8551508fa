/** `spooldiff verify` once its arguments are parsed. */
import { ExitCode } from "../errors.ts";
import { ManifestReader } from "../manifest/reader.ts";
import { verifyManifest } from "../manifest/verify.ts";
import { terminalText } from "../report/escape.ts";
import { count } from "../report/figures.ts";
import { standardOutput } from "./output.ts";

/** Checks a whole manifest. */
export function verify(path: string): ExitCode {
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
