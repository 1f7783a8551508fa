/** What work-lists need of the two hosts: their manifests, and where their own layout puts a mailbox. */
import { resolve } from "node:path";
import { type ByteString, byteString } from "../../mail/name.ts";
import type { MailboxFacts, MessageFacts } from "../../mail/scan-facts.ts";
import type { StoredManifestPair } from "../../manifest/pair.ts";
import type { StoredManifestView } from "../../manifest/view.ts";
import { type CyrusConfig, loadCyrusConfig } from "../../store/cyrus/config.ts";
import { readImapdConf } from "../../store/cyrus/imapd-conf.ts";
import { namePaths, placeBelow, uniqueIdPath } from "../../store/cyrus/layout.ts";
import { splitName } from "../../store/cyrus/mailbox-name.ts";
import type { Place, RootKind, WorkHost, WorkHosts } from "../../worklist/host.ts";

/** Configurations of the two hosts, as far as they are given. */
export interface HostConfigs {
  readonly primary?: string;
  /** Absent: it is the primary's, as on most pairs. */
  readonly replica?: string;
}

/** Builds {@link WorkHosts}, and the directories of both stores that are known. */
export function workHosts(pair: StoredManifestPair, files: HostConfigs): { hosts: WorkHosts; roots: ByteString[] } {
  const primary = configOf(files.primary);
  const replica = files.replica === undefined ? primary : configOf(files.replica);
  const replicaFile = files.replica ?? files.primary;
  const config = primary ?? replica;
  const old = (pair.primary.newestIndex ?? 13) < 13;
  const hosts: WorkHosts = {
    primary: new ManifestHost(pair.primary, primary, files.primary ?? null),
    replica: new ManifestHost(pair.replica, replica, replicaFile ?? null),
    // The default of unixhierarchysep changed with 3.0.
    naming: {
      unixHierarchySep: config?.unixHierarchySep ?? !old,
      virtDomains: config === null ? null : config.virtDomains !== "off",
    },
    syncCache: files.primary === undefined ? null : setsSyncCache(files.primary),
  };
  const known = [primary, replica].flatMap((each) => (each === null ? [] : rootsOf(each)));
  return { hosts, roots: known };
}

function configOf(file: string | undefined): CyrusConfig | null {
  return file === undefined ? null : loadCyrusConfig({ configFile: file, partitions: [], configDirectory: null });
}

function setsSyncCache(file: string): boolean {
  return readImapdConf(byteString(resolve(file))).settings.has("sync_cache_db_path");
}

/** The back end of the mailbox list, as Cyrus' tools want it named; null where it is none that they could be told. */
function mailboxListKind(file: string): string | null {
  const kind = readImapdConf(byteString(resolve(file))).settings.get("mboxlist_db")?.value ?? "twoskip";
  return /^[a-z]{1,20}$/.test(kind) ? kind : null;
}

function rootsOf({ configDirectory, partitions }: CyrusConfig): ByteString[] {
  const roots = [...partitions.values()].flatMap(({ spool, meta, archive }) => [spool, meta, archive]);
  return [configDirectory, ...roots.filter((root) => root !== null)];
}

/** Of a host without a configuration every layout is tried; its manifest then only chooses among what we build. */
const ANY_LAYOUT = { hashImapSpool: null, fullDirHash: null, defaultDomain: null };

class ManifestHost implements WorkHost {
  readonly name: string;
  readonly configFile: string | null;
  readonly mailboxDatabase: WorkHost["mailboxDatabase"];
  readonly indexVersion: number | null;
  readonly #view: StoredManifestView;
  readonly #config: CyrusConfig | null;
  #tombstones: ReadonlySet<string> | null = null;

  constructor(view: StoredManifestView, config: CyrusConfig | null, configFile: string | null) {
    this.name = view.facts.host;
    this.indexVersion = view.newestIndex;
    // The commands are run elsewhere than here.
    this.configFile = configFile === null ? null : resolve(configFile);
    this.#view = view;
    this.#config = config;
    const kind = configFile === null ? null : mailboxListKind(configFile);
    this.mailboxDatabase = config === null || kind === null ? null : { path: config.mailboxListPath, kind };
  }

  mailbox(uniqueId: string | null, name: ByteString | null): MailboxFacts | null {
    const byId = uniqueId === null ? null : this.#view.listedByUniqueId(uniqueId);
    const id = byId ?? (name === null ? null : this.#view.listedByName(name));
    return id === null ? null : this.#view.mailbox(id);
  }

  wasDeleted(uniqueId: string): boolean {
    this.#tombstones ??= new Set(this.#view.tombstones().map((tombstone) => tombstone.uniqueId ?? ""));
    return this.#tombstones.has(uniqueId);
  }

  message(mailboxId: number, uid: number): MessageFacts | null {
    this.#view.verifyRows(mailboxId);
    return this.#view.messageFacts(mailboxId, uid);
  }

  messages(mailboxId: number): Iterable<MessageFacts> {
    this.#view.verifyRows(mailboxId);
    return this.#view.messages(mailboxId);
  }

  placeOf({ name, uniqueId, listing, directories }: MailboxFacts): Place {
    const partition = listing?.partition ?? null;
    const [directory] = directories;
    if (partition === null || directory === undefined) return { refused: "it has no place on a partition" };
    const parts = splitName(name);
    const byName = "refused" in parts ? [] : namePaths({ ...ANY_LAYOUT, ...this.#config } as CyrusConfig, parts);
    const byId = uniqueIdPath(uniqueId);
    const root = this.rootOf(partition, "spool");
    if (this.#config !== null && root === null)
      return { refused: `imapd.conf has no partition ${JSON.stringify(partition)}` };
    const isThere = (path: ByteString) =>
      root === null ? directory.endsWith(`/${path}`) : directory === `${root}/${path}`;
    const found = [...(byId === null ? [] : [byId]), ...byName].find(isThere);
    const roots = this.#config?.partitions.get(partition);
    const place =
      found === undefined || this.#config === null || roots === undefined
        ? null
        : placeBelow(this.#config, roots, found);
    if (found !== undefined) return { partition, directory: found, indexFile: place?.indexFile ?? null };
    const refused = root === null ? "its directory is none that its name or uniqueid can have" : ELSEWHERE;
    return { refused: "refused" in parts && byId === null ? parts.refused : refused };
  }

  rootOf(partition: string, kind: RootKind): ByteString | null {
    const roots = this.#config?.partitions.get(partition);
    return (kind === "archive" ? roots?.archive : roots?.spool) ?? null;
  }
}

const ELSEWHERE =
  "its manifest has it at another place than imapd.conf says (is there a --replica-imapd-conf to give?)";
