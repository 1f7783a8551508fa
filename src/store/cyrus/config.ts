import { resolve } from "node:path";
import { ConfigurationError } from "../../errors.ts";
import { type ByteString, byteString, DELETED_PREFIX, displayName } from "../../mail/name.ts";
import type { StoreConfig } from "../mail-store.ts";
import { type ImapdConf, place, readImapdConf, type Setting } from "./imapd-conf.ts";

/** Kinds of metadata file that can lie away from the messages; names as in `metapartition_files`. */
export type MetaFile = "header" | "index" | "cache" | "squat" | "dav" | "archivecache";

/** The directory trees of one partition. All absolute, without a slash at the end. */
export interface CyrusPartition {
  readonly name: string;
  readonly spool: ByteString;
  readonly meta: ByteString | null;
  readonly archive: ByteString | null;
  /** `metadir-KIND-NAME`: where one kind of metadata file lies, before all else. */
  readonly metaDirectories: ReadonlyMap<MetaFile, ByteString>;
}

/** What the files' places and names depend on. */
export interface CyrusConfig {
  readonly configDirectory: ByteString;
  readonly defaultPartition: string | null;
  readonly partitions: ReadonlyMap<string, CyrusPartition>;
  /** Kinds of metadata file that lie on the metapartition. */
  readonly metapartitionFiles: ReadonlySet<string>;
  /** null: not known, both are tried. */
  readonly hashImapSpool: boolean | null;
  readonly fullDirHash: boolean | null;
  readonly virtDomains: "off" | "userid" | "on";
  readonly defaultDomain: ByteString | null;
  readonly unixHierarchySep: boolean;
  /** First part of the names of deleted mailboxes. */
  readonly deletedPrefix: ByteString;
  readonly mailboxLegacyDirs: boolean;
  readonly mailboxListPath: ByteString;
  /** Settings that name `sql` as a back end, `mboxlist_db` and so on: what lies at the path of such a list is not it. */
  readonly inSql: ReadonlySet<string>;
  /** Annotations of mailboxes and of the server. */
  readonly annotationListPath: ByteString;
  /** One database of all quota roots; null: a file for each below `quota` of the config directory. */
  readonly quotaListPath: ByteString | null;
  /** Where sieve scripts lie; null: it is not known, or in the users' own home directories. */
  readonly sieveDirectory: ByteString | null;
  /** The configuration files that were read. */
  readonly files: readonly ByteString[];
}

/**
 * The configuration of a Cyrus store, from its `imapd.conf` or from directories given one by one. Of the latter nothing
 * says whether mailbox directories are hashed, so that is left open.
 *
 * @throws {ConfigurationError} naming file, line and key of what is wrong, never a value
 */
export function loadCyrusConfig(config: StoreConfig): CyrusConfig {
  if (config.configFile === null) return configOfOptions(config);
  return interpretImapdConf(readImapdConf(byteString(resolve(config.configFile))));
}

/** Interprets the settings of an `imapd.conf`. Errors as {@link loadCyrusConfig}. */
export function interpretImapdConf(conf: ImapdConf): CyrusConfig {
  const configDirectory = directorySetting(conf, "configdirectory");
  if (configDirectory === null) throw missing(conf, `no "configdirectory"`);
  return {
    configDirectory,
    defaultPartition: conf.settings.get("defaultpartition")?.value.toLowerCase() ?? null,
    partitions: partitionsOf(conf),
    metapartitionFiles: new Set(conf.settings.get("metapartition_files")?.value.split(/[ \t]+/)),
    hashImapSpool: switchSetting(conf, "hashimapspool", false),
    fullDirHash: switchSetting(conf, "fulldirhash", false),
    virtDomains: virtDomainsOf(conf),
    defaultDomain: conf.settings.get("defaultdomain")?.value ?? null,
    unixHierarchySep: switchSetting(conf, "unixhierarchysep", true),
    deletedPrefix: conf.settings.get("deletedprefix")?.value ?? DELETED_PREFIX,
    mailboxLegacyDirs: switchSetting(conf, "mailbox_legacy_dirs", false),
    mailboxListPath: directorySetting(conf, "mboxlist_db_path") ?? `${configDirectory}/mailboxes.db`,
    inSql: sqlSettings(conf),
    annotationListPath: directorySetting(conf, "annotation_db_path") ?? `${configDirectory}/annotations.db`,
    quotaListPath: quotaListOf(conf, configDirectory),
    sieveDirectory: switchSetting(conf, "sieveusehomedir", false)
      ? null
      : (directorySetting(conf, "sievedir") ?? DEFAULT_SIEVE_DIRECTORY),
    files: conf.files,
  };
}

function configOfOptions({ partitions, configDirectory }: StoreConfig): CyrusConfig {
  if (configDirectory === null) {
    throw new ConfigurationError(
      "Cannot find the mail store: neither a configuration file nor a config directory is given",
      {
        hint: "Give the server's imapd.conf, or its config directory and partitions one by one",
      },
    );
  }
  if (partitions.length === 0) {
    throw new ConfigurationError("Cannot find the mail store: a config directory is given, but no partition", {
      hint: "Give each one: --partition default=/var/spool/cyrus/mail",
    });
  }
  const byName = new Map<string, CyrusPartition>();
  for (const { name, directory } of partitions) {
    if (byName.has(name)) {
      throw new ConfigurationError(`Cannot use partition "${name}": it is given twice`, { hint: "Give it once" });
    }
    const spool = withoutSlash(byteString(resolve(directory)));
    byName.set(name, { name, spool, meta: null, archive: null, metaDirectories: new Map() });
  }
  const directory = withoutSlash(byteString(resolve(configDirectory)));
  return {
    configDirectory: directory,
    defaultPartition: null,
    partitions: byName,
    metapartitionFiles: new Set(),
    hashImapSpool: null,
    fullDirHash: null,
    virtDomains: "off",
    defaultDomain: null,
    unixHierarchySep: true,
    deletedPrefix: DELETED_PREFIX,
    mailboxLegacyDirs: false,
    mailboxListPath: `${directory}/mailboxes.db`,
    inSql: new Set(),
    annotationListPath: `${directory}/annotations.db`,
    quotaListPath: null,
    sieveDirectory: null,
    files: [],
  };
}

/** False only where the configuration says that no name has a domain; without a configuration nothing says so. */
export function mayHaveDomains({ virtDomains, files }: CyrusConfig): boolean {
  return virtDomains !== "off" || files.length === 0;
}

const DEFAULT_SIEVE_DIRECTORY = "/usr/sieve";

function quotaListOf(conf: ImapdConf, configDirectory: ByteString): ByteString | null {
  const backend = conf.settings.get("quota_db")?.value ?? "quotalegacy";
  return backend === "quotalegacy" ? null : (directorySetting(conf, "quota_db_path") ?? `${configDirectory}/quotas.db`);
}

function sqlSettings(conf: ImapdConf): Set<string> {
  const settings = new Set<string>();
  for (const [key, { value }] of conf.settings) if (/^[a-z]+_db$/.test(key) && value === "sql") settings.add(key);
  return settings;
}

function partitionsOf(conf: ImapdConf): Map<string, CyrusPartition> {
  const partitions = new Map<string, CyrusPartition>();
  for (const key of conf.settings.keys()) {
    const name = /^partition-(.+)$/.exec(key)?.[1];
    const spool = name === undefined ? null : directorySetting(conf, key);
    if (name === undefined || spool === null) continue;
    partitions.set(name, {
      name,
      spool,
      meta: directorySetting(conf, `metapartition-${name}`),
      archive: directorySetting(conf, `archivepartition-${name}`),
      metaDirectories: metaDirectoriesOf(conf, name),
    });
  }
  if (partitions.size === 0) throw missing(conf, `no "partition-NAME"`);
  return partitions;
}

function metaDirectoriesOf(conf: ImapdConf, partition: string): Map<MetaFile, ByteString> {
  const directories = new Map<MetaFile, ByteString>();
  for (const kind of ["header", "index", "cache", "squat", "dav", "archivecache"] as const) {
    const directory = directorySetting(conf, `metadir-${kind}-${partition}`);
    if (directory !== null) directories.set(kind, directory);
  }
  return directories;
}

function virtDomainsOf(conf: ImapdConf): CyrusConfig["virtDomains"] {
  const setting = conf.settings.get("virtdomains");
  if (setting === undefined) return "off";
  if (setting.value === "userid") return "userid";
  return switchOf("virtdomains", setting) ? "on" : "off";
}

function directorySetting(conf: ImapdConf, key: string): ByteString | null {
  const setting = conf.settings.get(key);
  if (setting === undefined) return null;
  if (!setting.value.startsWith("/")) throw wrong(key, setting, "this is no absolute path");
  return withoutSlash(setting.value);
}

function switchSetting(conf: ImapdConf, key: string, otherwise: boolean): boolean {
  const setting = conf.settings.get(key);
  return setting === undefined ? otherwise : switchOf(key, setting);
}

/** As Cyrus reads switches: by their first letters, in lower case only. */
function switchOf(key: string, setting: Setting): boolean {
  if (/^(1|y|on|t)/.test(setting.value)) return true;
  if (/^(0|n|of|f)/.test(setting.value)) return false;
  throw wrong(key, setting, "this is neither on nor off");
}

function withoutSlash(path: ByteString): ByteString {
  return path.replace(/(?<=.)\/+$/, "");
}

function wrong(key: string, setting: Setting, found: string): ConfigurationError {
  return new ConfigurationError(`Cannot use "${key}" of ${place(setting)}: ${found}`, {
    hint: "See imapd.conf(5) of the server; a copy that is mended can be given with -C",
  });
}

function missing(conf: ImapdConf, found: string): ConfigurationError {
  const file = displayName(conf.files[0] ?? "").text;
  return new ConfigurationError(`Cannot use "${file}": it has ${found}`, {
    hint: "Is this the imapd.conf of a mail server? A proxy or a client has none of its own mail",
  });
}
