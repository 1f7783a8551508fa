import type { ChildProcess } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../free-ports.ts";
import { asAccount, type CyrusBinaries } from "./binaries.ts";
import {
  ADMIN,
  cyrusConf,
  imapdConf,
  type LayoutOptions,
  layoutFolders,
  PASSWORD,
  type PairPorts,
  SYNC_USER,
  serverName,
} from "./configuration.ts";
import { ImapClient } from "./imap-client.ts";
import { type Delivery, deliver } from "./lmtp-client.ts";
import { end, type Outcome, run, startServer, waitForPort } from "./processes.ts";
import { SieveClient } from "./sieve-client.ts";

export type CyrusSide = "primary" | "replica";
const SIDES: readonly CyrusSide[] = ["primary", "replica"];

/** Every folder that a server needs below its own; those of an unused option stay empty. */
const FOLDERS = [
  ...["conf/db", "conf/socket", "conf/log", "conf/msg", "conf/sync", "conf/sieve", "conf/quota", "conf/user"],
  ...["spool", "meta", "archive", "run/proc", "run/lock", "run/tmp"],
];

/** A primary and its replica, running on loopback, with everything they write below one temporary folder. */
export class CyrusPair {
  /** The temporary folder. It is readable for all; the servers' own folders below it are not. */
  readonly folder: string;
  readonly #binaries: CyrusBinaries;
  readonly #ports: PairPorts;
  readonly #servers: ChildProcess[] = [];
  readonly #sessions = new Map<string, Promise<ImapClient>>();

  private constructor(binaries: CyrusBinaries, folder: string, ports: PairPorts) {
    this.#binaries = binaries;
    this.folder = folder;
    this.#ports = ports;
  }

  /**
   * Writes both configurations and starts both servers; resolves when all their ports answer.
   *
   * @param replicaOptions of the replica, where they are not those of the primary
   */
  static async start(
    binaries: CyrusBinaries,
    options: LayoutOptions,
    replicaOptions: LayoutOptions = options,
  ): Promise<CyrusPair> {
    const [primaryImap = 0, primaryLmtp = 0, primarySieve = 0, replicaImap = 0, replicaSieve = 0, replicaSync = 0] =
      await freePorts(6);
    const ports = { primaryImap, primaryLmtp, primarySieve, replicaImap, replicaSieve, replicaSync };
    const pair = new CyrusPair(binaries, mkdtempSync(join(tmpdir(), "spooldiff-cyrus-")), ports);
    try {
      chmodSync(pair.folder, 0o755);
      await pair.#write("primary", options);
      await pair.#write("replica", replicaOptions);
      await Promise.all(SIDES.map((side) => pair.#launch(side)));
      return pair;
    } catch (error) {
      const log = SIDES.map((side) => pair.#log(side)).join("");
      await pair.stop();
      throw new Error(`Cannot start a Cyrus pair: ${error instanceof Error ? error.message : error}\n${log}`);
    }
  }

  /** Ends both servers and a rolling replication, and deletes the folder. */
  async stop(): Promise<void> {
    const sessions = await Promise.allSettled(this.#sessions.values());
    await Promise.all(sessions.map((session) => (session.status === "fulfilled" ? session.value.close() : null)));
    await Promise.all(this.#servers.map((server) => end(server)));
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Path of a side's `imapd.conf`. */
  configuration(side: CyrusSide): string {
    return join(this.folder, side, "imapd.conf");
  }

  /** A session with one side, opened once: of the administrator, or in the name of `user`. */
  imap(side: CyrusSide, user: string = ADMIN): Promise<ImapClient> {
    const key = `${side} ${user}`;
    const session = this.#sessions.get(key) ?? this.openImap(side, user);
    this.#sessions.set(key, session);
    return session;
  }

  /** A further session, which the caller closes. */
  openImap(side: CyrusSide, user: string = ADMIN): Promise<ImapClient> {
    const port = side === "primary" ? this.#ports.primaryImap : this.#ports.replicaImap;
    return ImapClient.open(port, { user: ADMIN, password: PASSWORD, ...(user === ADMIN ? {} : { actAs: user }) });
  }

  /** A ManageSieve session with one side in the name of `user`, which the caller closes. */
  openSieve(side: CyrusSide, user: string): Promise<SieveClient> {
    const port = side === "primary" ? this.#ports.primarySieve : this.#ports.replicaSieve;
    return SieveClient.open(port, { user: ADMIN, password: PASSWORD, actAs: user });
  }

  /** Delivers over LMTP to the primary. */
  deliver(deliveries: readonly Delivery[]): Promise<void> {
    return deliver(this.#ports.primaryLmtp, deliveries);
  }

  /** Runs any Cyrus program on one side (`-C` is added). */
  tool(side: CyrusSide, name: string, words: readonly string[] = []): Promise<Outcome> {
    const command = [join(this.#binaries.programs, name), "-C", this.configuration(side), ...words];
    return this.#run([...asAccount(this.#binaries), ...command]);
  }

  /** As {@link tool}; a status other than 0 is an exception. Returns what it printed. */
  async output(side: CyrusSide, name: string, words: readonly string[] = []): Promise<string> {
    const { status, stdout, stderr } = await this.tool(side, name, words);
    if (status !== 0) throw new Error(`Cannot run ${name} ${words.join(" ")}: status ${status}\n${stderr}${stdout}`);
    return stdout;
  }

  /** Brings the replica up to the primary: every user and every shared mailbox. */
  async sync(): Promise<void> {
    await this.output("primary", "sync_client", ["-o", "-v", "-A"]);
  }

  /** Starts a rolling replication, which follows the primary's sync log. The function returned ends it. */
  rolling(): () => Promise<void> {
    const command = [join(this.#binaries.programs, "sync_client"), "-C", this.configuration("primary"), "-R"];
    const client = this.#start("primary", command);
    return () => end(client);
  }

  async #write(side: CyrusSide, options: LayoutOptions): Promise<void> {
    const folder = join(this.folder, side);
    mkdirSync(folder);
    const folders = [...FOLDERS, ...layoutFolders(options)];
    for (const name of folders) mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, "imapd.conf"), imapdConf(side, folder, options, this.#ports));
    writeFileSync(join(folder, "cyrus.conf"), cyrusConf(side, folder, this.#binaries.programs, this.#ports));
    const { uid, gid } = this.#binaries.account;
    for (const name of ["", "conf", "meta", "archive", "run", ...folders]) chownSync(join(folder, name), uid, gid);
    for (const user of [ADMIN, SYNC_USER]) {
      const database = join(folder, "conf/sasldb2");
      const command = [this.#binaries.saslpasswd, "-p", "-c", "-f", database, "-u", serverName(side), user];
      const { status, stderr } = await this.#run([...asAccount(this.#binaries), ...command], PASSWORD);
      if (status !== 0) throw new Error(`Cannot add the user ${user}: ${stderr}`);
    }
  }

  async #launch(side: CyrusSide): Promise<void> {
    const at = (name: string) => join(this.folder, side, name);
    const files = ["-M", at("cyrus.conf"), "-p", at("run/master.pid"), "-L", at("run/master.log")];
    const master = join(this.#binaries.programs, "master");
    const server = this.#start(side, [master, "-C", this.configuration(side), ...files]);
    const { primaryImap, primaryLmtp, replicaImap, replicaSync } = this.#ports;
    const ports = side === "primary" ? [primaryImap, primaryLmtp] : [replicaImap, replicaSync];
    for (const port of ports) await waitForPort(port, server);
  }

  #start(side: CyrusSide, command: readonly string[]): ChildProcess {
    const words = [...asAccount(this.#binaries), ...command];
    const server = startServer(words, this.#binaries.environment, join(this.folder, side));
    this.#servers.push(server);
    return server;
  }

  #run(command: readonly string[], input = ""): Promise<Outcome> {
    return run(command, { environment: this.#binaries.environment, folder: this.folder, input });
  }

  #log(side: CyrusSide): string {
    try {
      return readFileSync(join(this.folder, side, "run/master.log"), "latin1");
    } catch {
      return ""; // it did not come as far as to write one
    }
  }
}
