/**
 * The two configuration files of a Cyrus IMAP server on loopback. Everything that a server writes lies below one
 * folder: `conf/` (mailboxes.db, seen state, quota, sync log), `spool/`, `meta/`, `archive/` and `run/` (sockets, locks).
 *
 * @see cyrus-imapd 3.6 `lib/imapoptions`, man pages imapd.conf(5) and cyrus.conf(5)
 */
import { join } from "node:path";
import { type Namespace, namespaceOf } from "./namespace.ts";

/** How the spool is laid out, and what the servers do with mail. */
export interface LayoutOptions {
  /** `uuid`: directories are named by uniqueid, the default since 3.6. `legacy`: by mailbox name. */
  readonly layout: "legacy" | "uuid";
  /** `hashimapspool`: one directory level of hash letters. No effect on `uuid`. */
  readonly hash?: boolean;
  /** `fulldirhash`: the letter is a hash of the name, not its first letter. */
  readonly fullHash?: boolean;
  /** Files kept in a partition of their own: `index`, `header`, `cache` … */
  readonly metaFiles?: readonly string[];
  /** Of these, the ones with a folder of their own on the default partition (`metadir-index-default` …). */
  readonly metaDirectories?: readonly string[];
  /** An archive partition, to which messages move at this age: `7d`. */
  readonly archiveAfter?: string;
  /** Default true: modseqs then count per user, not per mailbox. */
  readonly conversations?: boolean;
  readonly mailboxList?: "twoskip" | "skiplist" | "flat";
  /** Back ends by the setting that names them: `subscription_db`, `quota_db` … */
  readonly databases?: Readonly<Record<string, "twoskip" | "skiplist" | "flat" | "quotalegacy">>;
  readonly expunge?: "default" | "delayed" | "semidelayed" | "immediate";
  /** Whether a deleted mailbox is renamed to `DELETED.*`, which is the default here, or is gone. */
  readonly delete?: "delayed" | "immediate";
  /** A partition named `second`; its folders have this name, which can be another one on the replica. */
  readonly second?: string;
  /** How names are written over IMAP; on disk they are the same. */
  readonly namespace?: Partial<Namespace>;
  /** Further lines of `imapd.conf`. */
  readonly extra?: readonly string[];
}

/** Loopback ports of a pair. */
export interface PairPorts {
  readonly primaryImap: number;
  readonly primaryLmtp: number;
  readonly primarySieve: number;
  readonly replicaImap: number;
  readonly replicaSieve: number;
  readonly replicaSync: number;
}

/** The password of every account on these servers; they listen on loopback only. */
export const PASSWORD = "loopback";
/** May do everything, in the name of anybody. */
export const ADMIN = "cyrus";
/** Whom `sync_client` logs in as. */
export const SYNC_USER = "syncuser";

/** SASL realm of a side; also its `servername`. */
export function serverName(side: "primary" | "replica"): string {
  return `${side}.test`;
}

/** Text of `imapd.conf`. */
export function imapdConf(
  side: "primary" | "replica",
  folder: string,
  options: LayoutOptions,
  ports: PairPorts,
): string {
  const at = (name: string) => join(folder, name);
  const yes = (value: boolean | undefined) => (value ? "yes" : "no");
  return [
    `configdirectory: ${at("conf")}`,
    `proc_path: ${at("run/proc")}`,
    `mboxname_lockpath: ${at("run/lock")}`,
    `temp_path: ${at("run/tmp")}`,
    `lmtpsocket: ${at("run/lmtp")}`,
    `idlesocket: ${at("run/idle")}`,
    `notifysocket: ${at("run/notify")}`,
    `servername: ${serverName(side)}`,
    `sievedir: ${at("conf/sieve")}`,
    ...partitionLines(options, at),
    `mailbox_legacy_dirs: ${yes(options.layout === "legacy")}`,
    `hashimapspool: ${yes(options.hash)}`,
    `fulldirhash: ${yes(options.fullHash)}`,
    `conversations: ${yes(options.conversations ?? true)}`,
    `mboxlist_db: ${options.mailboxList ?? "twoskip"}`,
    ...Object.entries(options.databases ?? {}).map(([setting, backEnd]) => `${setting}: ${backEnd}`),
    ...(options.expunge === "default" ? [] : [`expunge_mode: ${options.expunge ?? "delayed"}`]),
    `delete_mode: ${options.delete ?? "delayed"}`,
    ...namespaceLines(namespaceOf(options)),
    "duplicatesuppression: no",
    "annotation_allow_undefined: yes",
    "umask: 077",
    ...saslLines(at("conf/sasldb2")),
    ...(side === "primary" ? syncClientLines(ports.replicaSync) : []),
    ...(options.extra ?? []),
    "",
  ].join("\n");
}

/** Text of `cyrus.conf`. `master` does not hand its `-C` on, so every service names its configuration. */
export function cyrusConf(side: "primary" | "replica", folder: string, programs: string, ports: PairPorts): string {
  const command = (program: string, ...words: string[]) =>
    [join(programs, program), "-C", join(folder, "imapd.conf"), ...words].join(" ");
  const service = (name: string, port: number, line: string) =>
    `  ${name} cmd="${line}" listen="127.0.0.1:${port}" prefork=0`;
  const services =
    side === "primary"
      ? [
          service("imap", ports.primaryImap, command("imapd")),
          service("lmtp", ports.primaryLmtp, command("lmtpd", "-a")),
          service("sieve", ports.primarySieve, command("timsieved")),
        ]
      : [
          service("imap", ports.replicaImap, command("imapd")),
          service("csync", ports.replicaSync, command("sync_server")),
          service("sieve", ports.replicaSieve, command("timsieved")),
        ];
  return [
    `START {\n  recover cmd="${command("ctl_cyrusdb", "-r")}"\n}`,
    `SERVICES {\n${services.join("\n")}\n}`,
    "EVENTS {\n}",
    "DAEMON {\n}",
    "",
  ].join("\n");
}

/** Folders below a server's own that its layout needs beside those that every server has. */
export function layoutFolders({ second, metaDirectories = [] }: LayoutOptions): readonly string[] {
  return [...(second === undefined ? [] : secondFolders(second)), ...metaDirectories.map((kind) => `metadir-${kind}`)];
}

/** Folders of the partition `second`: of its messages, its metadata and its archive. */
function secondFolders(second: string): readonly [spool: string, meta: string, archive: string] {
  return [second, `${second}-meta`, `${second}-archive`];
}

function partitionLines(options: LayoutOptions, at: (name: string) => string): string[] {
  const { metaFiles, archiveAfter, second } = options;
  const lines = ["defaultpartition: default"];
  const add = (name: string, [spool, meta, archive]: readonly [string, string, string]) => {
    lines.push(`partition-${name}: ${at(spool)}`);
    if (metaFiles !== undefined) lines.push(`metapartition-${name}: ${at(meta)}`);
    if (archiveAfter !== undefined) lines.push(`archivepartition-${name}: ${at(archive)}`);
  };
  add("default", ["spool", "meta", "archive"]);
  for (const kind of options.metaDirectories ?? []) lines.push(`metadir-${kind}-default: ${at(`metadir-${kind}`)}`);
  if (second !== undefined) add("second", secondFolders(second));
  if (metaFiles !== undefined) lines.push(`metapartition_files: ${metaFiles.join(" ")}`);
  if (archiveAfter !== undefined) lines.push("archive_enabled: yes", `archive_after: ${archiveAfter}`);
  return lines;
}

function namespaceLines({ separator, alternative, defaultDomain }: Namespace): string[] {
  return [
    `unixhierarchysep: ${separator === "/" ? "yes" : "no"}`,
    `altnamespace: ${alternative ? "yes" : "no"}`,
    ...(defaultDomain === null ? [] : ["virtdomains: userid", `defaultdomain: ${defaultDomain}`]),
  ];
}

function saslLines(database: string): string[] {
  return [
    `admins: ${ADMIN} ${SYNC_USER}`,
    "allowplaintext: yes",
    "sasl_mech_list: PLAIN",
    "sasl_pwcheck_method: auxprop",
    "sasl_auxprop_plugin: sasldb",
    `sasl_sasldb_path: ${database}`,
  ];
}

function syncClientLines(port: number): string[] {
  return [
    "sync_log: yes",
    "sync_host: 127.0.0.1",
    `sync_port: ${port}`,
    "sync_try_imap: no",
    `sync_authname: ${SYNC_USER}`,
    `sync_realm: ${serverName("replica")}`,
    `sync_password: ${PASSWORD}`,
    // How long a rolling sync_client gathers changes; the default of three seconds would mostly be spent waiting.
    "sync_repeat_interval: 1",
  ];
}
