/** Who a scan is: what its manifest says of it, and what a later run must be told the same to go on with it. */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { ManifestIdentity } from "../../manifest/manifest-row.ts";
import type { ScanTerms } from "../../manifest/unfinished.ts";
import type { MailStore } from "../../store/mail-store.ts";
import { versionText } from "../version.ts";
import type { ScanJob } from "./scan-job.ts";

/**
 * What a manifest says of its scan.
 *
 * @param how in how many runs it was made, and what stopped the last one before its end
 */
export function identityOf(
  { store, options, afterId, only, base }: ScanJob,
  { runs, stopped }: { runs: number; stopped: "signal" | "run-time" | null },
): ManifestIdentity {
  return {
    id: randomBytes(16).toString("hex"),
    host: options.host,
    instance: instanceId(store),
    role: options.role ?? null,
    store: store.kind,
    tool: `spooldiff ${versionText()}`,
    level: options.level,
    narrowed: options.include.length + options.exclude.length > 0 || only !== undefined,
    options: {
      include: options.include,
      exclude: options.exclude,
      workers: options.workers,
      layout: layoutDigest(store),
      ...(only === undefined ? {} : { only: { digest: only.digest, lines: only.lines } }),
      ...(runs > 1 ? { runs } : {}),
      ...(stopped === null ? {} : { stopped }),
    },
    afterId,
    ...(base === null ? {} : { base: base.id }),
  };
}

/** Named as people know them: what differs is said. */
export function termsOf({ store, options, afterId, only, base }: ScanJob): ScanTerms {
  return {
    "version of spooldiff": versionText(),
    "mail store": instanceId(store),
    configuration: configurationDigest(store),
    "--level": options.level,
    "--include": options.include,
    "--exclude": options.exclude,
    "--only": only?.digest ?? null,
    "--after": afterId,
    "--base": base?.id ?? null,
    "--reread": base === null ? null : options.reread,
  };
}

/** Over all that says where the store lies and how it is laid out. Only a digest: passwords are in these files. */
function configurationDigest({ kind, roots, configDirectory, description, configFiles }: MailStore): string {
  const hash = createHash("sha256").update(JSON.stringify([kind, roots, configDirectory, description, configFiles]));
  for (const path of configFiles) {
    try {
      hash.update(readFileSync(Buffer.from(path, "latin1")));
    } catch {
      // It was read a moment ago. Without it nothing can be said to be the same.
      hash.update(randomBytes(16));
    }
  }
  return hash.digest("hex");
}

/** Over where the store lies: with other partitions, a file known by its partition and inode may be another file. */
export function layoutDigest({ kind, roots, configDirectory }: MailStore): string {
  const facts = JSON.stringify([kind, roots, configDirectory]);
  return createHash("sha256").update(facts, "latin1").digest("hex");
}

/** Tells stores apart without writing anything to remember them by; the same store has the same id at every scan. */
export function instanceId(store: MailStore): string {
  let machine = "";
  try {
    machine = readFileSync("/etc/machine-id", "utf8").trim();
  } catch {
    machine = hostname();
  }
  return createHash("sha256").update(`${machine}\0${store.kind}\0${store.identityPath}`, "latin1").digest("hex");
}
