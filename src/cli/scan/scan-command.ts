import { hostname } from "node:os";
import { type Command, Option } from "commander";
import { LEVELS } from "../../mail/message.ts";
import { STORE_KINDS } from "../../store/registry.ts";
import type { Finish } from "../finish.ts";
import { onceOnly } from "../settings/once-only.ts";
import { bytesPerSecond, duration, repeatable, wholeNumber, workers } from "../values.ts";
import { DEFAULT_REREAD, reread } from "./reread.ts";
import type { ScanCommandOptions } from "./scan-job.ts";

/** Adds `spooldiff scan`. */
export function addScanCommand(program: Command, finish: Finish): void {
  program
    .command("scan")
    .summary("read the mail store of this host and write a manifest")
    .description(
      "Reads the mail store of this host and writes one manifest. Takes no lock and writes nothing below the spool.\n\nExample:\n  spooldiff scan -C /etc/imapd.conf -o mx1.db",
    )
    .option("-C, --imapd-conf <file>", "Cyrus configuration to take everything from")
    .addOption(new Option("--store <kind>", "kind of mail store").choices(STORE_KINDS).default("cyrus"))
    .addOption(repeatable("--partition <name=dir>", "a partition, without an imapd.conf", "those of -C"))
    .option("--config-directory <dir>", "configdirectory, without an imapd.conf")
    .option("-o, --output <file>", "manifest to write")
    .addOption(new Option("--host <name>", "name of this host in reports").default(hostname(), "its own"))
    .addOption(new Option("--role <role>", "what this host is").choices(["primary", "replica"]))
    .addOption(onceOnly(new Option("--after <manifest>", "proves that this scan began after that one had ended")))
    .addOption(new Option("--level <level>", "how deep to look").choices(LEVELS).default("full"))
    .option("--base <manifest>", "carry over what an earlier scan read, of files that have not changed")
    .addOption(
      new Option("--reread <amount>", "read so much of --base again, oldest first: 1/30, 10G, all, none")
        .argParser(reread("--reread"))
        .default(DEFAULT_REREAD, "1/30"),
    )
    .addOption(repeatable("--include <glob>", "only mailboxes of these names", "every name"))
    .addOption(repeatable("--exclude <glob>", "no mailboxes of these names", "none"))
    .addOption(onceOnly(new Option("--only <list>", "only what a recheck.list of compare --worklist names")))
    .addOption(
      new Option(
        "--workers <n>",
        "worker threads; 0 reads in this one, auto has one for each core, more if a disk is slow",
      )
        .argParser(workers("--workers"))
        .default("auto", "auto"),
    )
    .addOption(
      new Option("--max-rate <bytes>", "read at most so much a second: 50M").argParser(bytesPerSecond("--max-rate")),
    )
    .addOption(
      new Option("--max-files <n>", "open at most so many files a second").argParser(
        wholeNumber("--max-files", 1, 10_000_000),
      ),
    )
    .addOption(
      new Option("--run-time <time>", "stop after so long: 2h; the next scan goes on").argParser(
        duration("--run-time"),
      ),
    )
    .option("--publish-partial", "if stopped, write the manifest with what was read")
    .addOption(onceOnly(new Option("--restart", "begin anew, also where a scan was stopped or killed")))
    .addOption(onceOnly(new Option("--plan", "say what would be read, and read no message")))
    .option("-q, --quiet", "say nothing but errors")
    .action(async (options) => {
      const { scan } = await import("./scan-host.ts");
      finish(await scan(options as ScanCommandOptions));
    });
}
