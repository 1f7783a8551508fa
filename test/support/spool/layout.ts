/** How a model store lies on disk. Knows Cyrus' rules by itself, so that a wrong one in the reader shows. */
import type { WritableVersion } from "../index-writer.ts";
import type { ModelMailbox } from "./model.ts";

/** Back ends of the databases. */
export type ModelDatabase = "twoskip" | "skiplist" | "flat";

/** Everything that says where the files of a store lie, and in which shape. */
export interface ModelLayout {
  /** Shape of mailbox list, headers, subscriptions and keys of annotations; place of sieve scripts. */
  readonly generation: "2.4" | "3.4" | "3.6";
  /** By name, by uniqueid (3.6 only), or some of each. */
  readonly directories: "legacy" | "uuid" | "mixed";
  readonly hashImapSpool: boolean;
  readonly fullDirHash: boolean;
  readonly unixHierarchySep: boolean;
  /** First part of the names of deleted mailboxes, which models always call `DELETED`. */
  readonly deletedPrefix: string;
  readonly virtDomains: "off" | "userid" | "on";
  /** A domain whose mailboxes and users lie beside those of none. */
  readonly defaultDomain: string | null;
  /** Value of `metapartition_files`; null for no metapartition. */
  readonly metaFiles: string | null;
  /** Kinds of metadata that have a directory of their own. */
  readonly metaDirectories: readonly ("header" | "index" | "cache")[];
  readonly archive: boolean;
  readonly quotas: "files" | ModelDatabase;
  readonly list: ModelDatabase;
  readonly userFiles: ModelDatabase;
  readonly annotations: ModelDatabase;
  /** Of `.sub` since 3.6. */
  readonly subscriptionVersion: "2" | "3";
  readonly indexVersion: WritableVersion;
  /** A partition that no mailbox is in. */
  readonly sparePartition: boolean;
}

export type Layout = "legacy" | "uuid";

/** Plain stores of 3.6. */
export const LAYOUTS: Readonly<Record<Layout, ModelLayout>> = { legacy: plain("legacy"), uuid: plain("uuid") };

function plain(directories: Layout): ModelLayout {
  return {
    ...{ generation: "3.6", directories, hashImapSpool: false, fullDirHash: false, unixHierarchySep: true },
    deletedPrefix: "DELETED",
    ...{
      virtDomains: "off",
      defaultDomain: null,
      metaFiles: null,
      metaDirectories: [],
      archive: false,
      quotas: "files",
    },
    ...{ list: "twoskip", userFiles: "flat", annotations: "twoskip", subscriptionVersion: "3", indexVersion: 17 },
    sparePartition: false,
  };
}

/** True where the directories of a mailbox are named by its uniqueid. */
export function isById({ uniqueId }: Pick<ModelMailbox, "uniqueId">, { directories }: ModelLayout): boolean {
  return directories === "uuid" || (directories === "mixed" && (uniqueId.codePointAt(0) ?? 0) % 2 === 0);
}

/** The directory of a mailbox below each of its roots. */
export function pathOf(mailbox: ModelMailbox, layout: Layout | ModelLayout): string {
  const all = typeof layout === "string" ? LAYOUTS[layout] : layout;
  if (isById(mailbox, all)) return idPath(mailbox.uniqueId);
  const [domain, local] = splitDomain(serverName(mailbox.name, all));
  const parts = local.split(".");
  const hashed = parts[1] ?? parts[0] ?? "";
  const prefix = domainPath(domain, all, all.hashImapSpool);
  // Versions before 3.0 hash a dotted part as it is in the path.
  const letter = letterOf(all.generation === "2.4" ? hashed : hashed.replaceAll("^", "."), all);
  return `${prefix}${all.hashImapSpool ? `${letter}/` : ""}${parts.join("/")}`;
}

/** `user/…` or `domain/…/user/…` of a user's databases, without the dot and what follows. */
export function userPath(user: string, layout: ModelLayout, below = "user/"): string {
  const at = user.lastIndexOf("@");
  const [local, domain] = at < 0 ? [user, null] : [user.slice(0, at), user.slice(at + 1)];
  const prefix = domainPath(domain, layout, true);
  return `${prefix}${below}${letterOf(local, layout)}/${local}`;
}

/** The directories of a domain, of which nothing shows on disk where it is the default one. */
function domainPath(domain: string | null, layout: ModelLayout, hashed: boolean): string {
  if (domain === null || domain === layout.defaultDomain) return "";
  return `domain/${hashed ? `${letterOf(domain, layout)}/` : ""}${domain}/`;
}

/** Where quotas of 3.x lie, with the root's own letter. */
export function quotaPath(root: string, layout: ModelLayout): string {
  const [domain, local] = splitDomain(root);
  const prefix = domain === null ? "" : `domain/${letterOf(domain, layout)}/${domain}/`;
  return `${prefix}quota/${letterOf(local.slice(local.indexOf(".") + 1), layout)}/${local}`;
}

/** The name that the server has for a mailbox of a model. */
export function serverName(name: string, { deletedPrefix }: ModelLayout): string {
  return name.replace(/^([^!]*!)?DELETED\./s, (_, domain: string | undefined) => `${domain ?? ""}${deletedPrefix}.`);
}

export function idPath(uniqueId: string): string {
  return `uuid/${uniqueId[0]}/${uniqueId[1]}/${uniqueId}`;
}

export function splitDomain(name: string): [string | null, string] {
  const at = name.indexOf("!");
  return at < 0 ? [null, name] : [name.slice(0, at), name.slice(at + 1)];
}

function letterOf(name: string, { fullDirHash }: ModelLayout): string {
  if (!fullDirHash) return /^[a-z]/i.test(name) ? (name[0] ?? "").toLowerCase() : "q";
  let sum = 0;
  for (const byte of Buffer.from(name, "latin1")) {
    if (byte === 0x2e) break;
    sum = Number((BigInt(sum) * 8n) % 2n ** 32n) ^ (sum >>> 5) ^ byte;
    sum >>>= 0;
  }
  return "ABCDEFGHIJKLMNOPQRSTUVW".charAt(sum % 23);
}
