/** Public API: what a program that embeds spooldiff may rely on. Re-exports only. */
export { compareManifests } from "./compare/compare.ts";
export type { CompareSettings, FindingSink } from "./compare/comparison.ts";
export { inspectManifest } from "./compare/inspect.ts";
export type { Inspection } from "./compare/inspection.ts";
export type { Findings, MailboxResult, Note, Summary, Variance } from "./compare/variance.ts";
export { ExitCode, SpooldiffError } from "./errors.ts";
export { FindingStore } from "./findings/store.ts";
export { beginManifest } from "./manifest/begin.ts";
export { StoredManifestPair } from "./manifest/pair.ts";
export { ManifestReader } from "./manifest/reader.ts";
export { verifyManifest } from "./manifest/verify.ts";
export { runScan } from "./scan/scan.ts";
export { openStore } from "./store/registry.ts";
