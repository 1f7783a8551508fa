/** Cyrus' own programs for its databases, in a folder of their own: `cyr_dbtool` and `cvt_cyrusdb`. No server runs. */
import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { asAccount, type CyrusBinaries } from "./binaries.ts";
import { run } from "./processes.ts";

/** Back ends that the installed version writes. */
export type BackEnd = "twoskip" | "skiplist" | "flat";

/** A step of a batch; transactions begin and end explicitly. */
export type BatchStep =
  | { readonly put: string; readonly value: string }
  | { readonly delete: string }
  | "BEGIN"
  | "COMMIT"
  | "ABORT";

/** A folder with databases, and the programs that work on them. */
export class DatabaseTool {
  readonly #binaries: CyrusBinaries;
  readonly #folder: string;

  constructor(binaries: CyrusBinaries) {
    this.#binaries = binaries;
    this.#folder = mkdtempSync(join(tmpdir(), "spooldiff-cyrusdb-"));
    const { uid, gid } = binaries.account;
    chmodSync(this.#folder, 0o755);
    for (const name of ["conf", "spool", "db"]) mkdirSync(this.path(name));
    for (const name of ["", "conf", "spool", "db"]) if (process.getuid?.() === 0) chownSync(this.path(name), uid, gid);
    const settings = { configdirectory: "conf", "partition-default": "spool" };
    const lines = Object.entries(settings).map(([key, name]) => `${key}: ${this.path(name)}\n`);
    writeFileSync(this.path("imapd.conf"), `${lines.join("")}defaultpartition: default\n`);
  }

  /** Absolute path of something below the folder. */
  path(...names: readonly string[]): string {
    return join(this.#folder, ...names);
  }

  /**
   * Starts working through steps, written to a file first, so that nothing but the database slows it down.
   *
   * @param pace `disk`: it waits for the disk at each commit, as a server does; `none`: tens of thousands a second
   */
  start(database: string, kind: BackEnd, steps: readonly BatchStep[], pace: "disk" | "none"): ChildProcess {
    const batch = `${database}.batch`;
    writeFileSync(batch, Buffer.from(steps.map(lineOf).join(""), "latin1"));
    const input = openSync(batch, "r");
    const [file = "", ...words] = this.#command("cyr_dbtool", "-n", database, kind, "batch");
    const { LD_PRELOAD: noSync, ...environment } = this.#binaries.environment;
    const child = spawn(file, words, {
      env: pace === "disk" || noSync === undefined ? environment : { ...environment, LD_PRELOAD: noSync },
      stdio: [input, "ignore", "inherit"],
      timeout: 60_000,
    });
    closeSync(input);
    return child;
  }

  /** Works through steps, to the end. */
  async apply(database: string, kind: BackEnd, steps: readonly BatchStep[]): Promise<void> {
    const input = steps.map(lineOf).join("");
    const outcome = await this.#run(["cyr_dbtool", "-n", database, kind, "batch"], input);
    if (outcome !== "") throw new Error(`Unexpected: ${outcome}`);
  }

  /** All entries, in the order of the database. */
  async show(database: string, kind: BackEnd): Promise<[key: string, value: string][]> {
    return entriesOf(await this.#run(["cyr_dbtool", database, kind, "batch"], "SHOW\n"));
  }

  /** Leaves a transaction half written, as a process does that dies in it. */
  async crash(database: string, kind: BackEnd): Promise<void> {
    const command = this.#command("cyr_dbtool", database, kind, "damage");
    await run(command, { environment: this.#binaries.environment });
  }

  /** Gives what was put into the folder to the account that the programs run as. */
  adopt(path: string): void {
    const { uid, gid } = this.#binaries.account;
    if (process.getuid?.() !== 0) return;
    chownSync(path, uid, gid);
    for (const name of readdirSync(dirname(path), { recursive: true })) {
      const below = join(dirname(path), String(name));
      if (below.startsWith(`${path}/`)) chownSync(below, uid, gid);
    }
  }

  /** Converts a database to a new one of another back end. */
  async convert(from: string, fromKind: BackEnd | "quotalegacy", to: string, toKind: BackEnd): Promise<void> {
    await this.#run(["cvt_cyrusdb", from, fromKind, to, toKind], "");
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #run([program = "", ...words]: readonly string[], input: string): Promise<string> {
    const command = this.#command(program, ...words);
    const outcome = await run(command, {
      environment: this.#binaries.environment,
      input: Buffer.from(input, "latin1"),
    });
    if (outcome.status !== 0 || /FAILED/.test(outcome.stderr)) {
      throw new Error(`${program} ended with ${outcome.status}: ${outcome.stderr}`);
    }
    return outcome.stdout;
  }

  #command(program: string, ...words: readonly string[]): string[] {
    const programs = join(this.#binaries.programs, program);
    return [...asAccount(this.#binaries), programs, "-C", this.path("imapd.conf"), ...words];
  }
}

/** A step as `cyr_dbtool batch` reads it: strings as literals, so that they may hold any byte. */
function lineOf(step: BatchStep): string {
  if (typeof step === "string") return `${step}\n`;
  if ("delete" in step) return `DELETE ${literal(step.delete)}\n`;
  return `SET ${literal(step.put)} ${literal(step.value)}\n`;
}

function literal(text: string): string {
  return `{${text.length}+}\r\n${text}`;
}

/** The entries that SHOW has printed: pairs of atoms, quoted strings and literals. */
function entriesOf(text: string): [string, string][] {
  const strings: string[] = [];
  for (let at = 0; at < text.length; ) {
    const token = /\{(\d+)\}\r\n|"((?:\\.|[^"\\])*)"|([^\s"{]+)/y;
    token.lastIndex = at;
    const match = token.exec(text);
    if (match === null) throw new SyntaxError(`Cannot parse what cyr_dbtool printed at ${at}`);
    const start = token.lastIndex;
    const end = start + Number(match[1] ?? 0);
    strings.push(match[1] !== undefined ? text.slice(start, end) : (match[3] ?? unquoted(match[2] ?? "")));
    at = end + 1;
  }
  const entries: [string, string][] = [];
  for (let i = 0; i < strings.length; i += 2) entries.push([strings[i] ?? "", strings[i + 1] ?? ""]);
  return entries;
}

function unquoted(text: string): string {
  return text.replaceAll(/\\(.)/gs, "$1");
}
