import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { spooldiff } from "./command-line.ts";
import { type FixtureName, unpackFixture } from "./fixtures.ts";

/** A fixture with both hosts scanned by the compiled program, replica first. */
export interface ScannedFixture {
  /** A folder outside of both spools: for manifests, reports and whatever else a test writes. */
  readonly folder: string;
  /** `imapd.conf` of a host. */
  conf(host: "primary" | "replica"): string;
  /** Path of something below a host's own folder. */
  path(host: "primary" | "replica", ...below: string[]): string;
  readonly primary: string;
  readonly replica: string;
  cleanup(): void;
}

/** Unpacks and scans a fixture. Only 0 and 3 are ends of a scan that has written its manifest. */
export async function scanFixture(name: FixtureName): Promise<ScannedFixture> {
  const { root, cleanup } = unpackFixture(name);
  const folder = dirname(root);
  const scanned: ScannedFixture = {
    folder,
    conf: (host) => join(root, host, "imapd.conf"),
    path: (host, ...below) => join(root, host, ...below),
    primary: join(folder, "mx1.db"),
    replica: join(folder, "mx2.db"),
    cleanup,
  };
  try {
    for (const host of ["replica", "primary"] as const) {
      const words = ["--host", `${host}.test`, "--role", host, "-o", scanned[host]];
      const run = await spooldiff(["scan", "-C", scanned.conf(host), ...words]);
      assert.ok(run.status === 0 || run.status === 3, `scan of ${host} ended with ${run.status}: ${run.stderr}`);
    }
    return scanned;
  } catch (error) {
    cleanup();
    throw error;
  }
}
