/** Layouts of a store, for fast-check. */
import fc from "fast-check";
import type { WRITABLE_VERSIONS } from "../index-writer.ts";
import type { ModelLayout } from "./layout.ts";

const database = fc.constantFrom("twoskip" as const, "skiplist" as const, "flat" as const);
const META_FILES = ["header", "index", "cache", "expunge", "squat", "annotations", "lock", "dav", "archivecache"];

/** Any layout of a generation. `domains` needs virtual domains. */
export function layoutOf(
  generations: readonly ModelLayout["generation"][],
  {
    domains,
    indexVersions = [17],
  }: { domains: boolean; indexVersions?: readonly (typeof WRITABLE_VERSIONS)[number][] },
): fc.Arbitrary<ModelLayout> {
  return fc
    .record({
      generation: fc.constantFrom(...generations),
      directories: fc.constantFrom("legacy" as const, "uuid" as const, "mixed" as const),
      hashImapSpool: fc.boolean(),
      fullDirHash: fc.boolean(),
      unixHierarchySep: fc.boolean(),
      deletedPrefix: fc.constantFrom("DELETED", "Trash^can"),
      virtDomains: domains ? fc.constantFrom("userid" as const, "on" as const) : fc.constantFrom("off", "userid", "on"),
      defaultDomain: domains ? fc.option(fc.constantFrom("north.test", "0.example")) : fc.constant(null),
      metaFiles: fc.option(fc.subarray(META_FILES, { minLength: 1 }).map((files) => files.join(" "))),
      metaDirectories: fc.subarray(["header" as const, "index" as const, "cache" as const]),
      archive: fc.boolean(),
      quotas: fc.oneof(fc.constant("files" as const), database),
      list: database,
      userFiles: database,
      annotations: database,
      subscriptionVersion: fc.constantFrom("2" as const, "3" as const),
      indexVersion: fc.constantFrom(...indexVersions),
      sparePartition: fc.boolean(),
    })
    .map((layout) => (layout.generation === "3.6" ? layout : { ...layout, directories: "legacy" }));
}
