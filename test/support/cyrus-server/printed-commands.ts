/** Runs the commands that a work-list prints, word for word, as the account of the server that they are meant for. */
import assert from "node:assert/strict";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { asAccount, type CyrusBinaries } from "./binaries.ts";
import type { CyrusPair, CyrusSide } from "./pair.ts";
import { run } from "./processes.ts";

/** A command as a work-list prints it. */
export interface PrintedCommand {
  readonly host: CyrusSide;
  readonly command: string;
}

/** A shell on a host of the pair, in the directory of a work-list. Both hosts are this machine. */
export class WorklistShell {
  readonly #binaries: CyrusBinaries;
  readonly #pair: CyrusPair;
  readonly #folder: string;
  readonly #environment: Record<string, string>;
  /** Where the commands rescue messages to. */
  readonly rescued: string;

  /** @param folder of the work-list; it is given to the server's account */
  constructor(binaries: CyrusBinaries, pair: CyrusPair, folder: string) {
    this.#binaries = binaries;
    this.#pair = pair;
    this.#folder = folder;
    this.rescued = join(folder, "..", "rescued");
    const remoteShell = join(folder, "..", "ssh-to-this-machine");
    mkdirSync(this.rescued, { recursive: true });
    writeFileSync(remoteShell, '#!/bin/sh\nshift\nexec sh -c "$*"\n');
    chmodSync(remoteShell, 0o755);
    const root = binaries.programs.slice(0, -"/usr/lib/cyrus/bin".length);
    this.#environment = {
      ...binaries.environment,
      PATH: [binaries.programs, join(root, "usr/bin"), binaries.environment.PATH].join(delimiter),
      RSYNC_RSH: remoteShell,
      REPLICA: "replica.test",
      RESCUE: this.rescued,
    };
    const { uid, gid } = binaries.account;
    for (const path of [folder, this.rescued, ...readdirSync(folder).map((name) => join(folder, name))]) {
      chownSync(path, uid, gid);
    }
  }

  /** All commands of `README.txt` in their order, or those that some text is in. */
  readme(containing = ""): PrintedCommand[] {
    return commandsOf(
      readFileSync(join(this.#folder, "README.txt"), "utf8"),
      /^ {4}(primary|replica)\$ (.+)$/gm,
    ).filter(({ command }) => command.includes(containing));
  }

  /** The commands of `reset.txt`, which are commented out there, and the IMAP commands among them. */
  resets(): PrintedCommand[] {
    const file = join(this.#folder, "reset.txt");
    return existsSync(file) ? commandsOf(readFileSync(file, "utf8"), /^# (primary|replica)(?:\$| imap>) (.+)$/gm) : [];
  }

  /** Does what `reset.txt` says: what is for refused renames only where one was refused. */
  async runResets(): Promise<void> {
    let refused = true;
    for (const step of this.resets()) {
      if (step.command.startsWith("RENAME ")) {
        refused = !(await (await this.#pair.imap(step.host)).attempt(step.command)).ok;
      } else if (!step.command.startsWith("cyr_dbtool ") || refused) await this.run(step);
      if (step.command.startsWith("sync_client ")) refused = true;
    }
  }

  /** Runs one; a status other than 0 is an exception. */
  async run({ command }: PrintedCommand): Promise<void> {
    const words = [...asAccount(this.#binaries), "sh", "-c", command];
    const outcome = await run(words, { environment: this.#environment, folder: this.#folder });
    assert.equal(outcome.status, 0, `${command}\n${outcome.stderr}${outcome.stdout}`);
  }
}

function commandsOf(text: string, line: RegExp): PrintedCommand[] {
  return [...text.matchAll(line)].map(([, host, command]) => ({ host: host as CyrusSide, command: String(command) }));
}
