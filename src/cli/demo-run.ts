/** `spooldiff demo`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Variance } from "../compare/variance.ts";
import { type Planted, writeDemoSpools } from "../demo/spools.ts";
import { ExitCode } from "../errors.ts";
import { byteString } from "../mail/name.ts";
import { compare } from "./compare-run.ts";
import { standardOutput } from "./output.ts";
import { scan } from "./scan/scan-host.ts";

/** The spools of the demo are as old as the program: their lag is no news. */
const ANY_LAG = Number.MAX_SAFE_INTEGER;

/** Ends with 0 when the report showed what was planted, whatever the verdict. */
export async function demo(): Promise<ExitCode> {
  const folder = mkdtempSync(join(tmpdir(), "spooldiff-demo-"));
  const output = standardOutput();
  try {
    const { primaryConf, replicaConf, planted } = writeDemoSpools(folder);
    const primary = join(folder, "mx1.db");
    const replica = join(folder, "mx2.db");
    output.write("mx2 (replica)  $ spooldiff scan -C imapd.conf -o mx2.db\n");
    output.write("mx1 (primary)  $ spooldiff scan -C imapd.conf --after mx2.db -o mx1.db\n");
    output.write("mx1 (primary)  $ spooldiff compare mx1.db mx2.db\n\n");
    output.close();
    await scan({ ...scanOf("mx2", "replica"), imapdConf: replicaConf, output: replica });
    await scan({ ...scanOf("mx1", "primary"), imapdConf: primaryConf, output: primary, after: replica });
    const found: Variance[] = [];
    const verdict = await compare(primary, replica, COMPARE_OPTIONS, { found: (variance) => found.push(variance) });
    const missed = planted.filter((p) => !found.some((variance) => isPlanted(variance, p)));
    output.write("\nPlanted, and shown above:\n");
    for (const p of planted) {
      const mark = missed.includes(p) ? "MISSED" : "found ";
      output.write(`  ${mark}  ${p.mailbox} uid ${p.uid}\n          ${p.sentence}\n`);
    }
    output.write(`\nOn a real pair this comparison would end with exit code ${verdict}.\n`);
    output.close();
    return missed.length === 0 && found.length === planted.length ? ExitCode.ok : ExitCode.failed;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const COMPARE_OPTIONS = {
  format: [],
  settle: 900,
  maxLag: ANY_LAG,
  maxGap: ANY_LAG,
  clockSkew: 5,
  limit: 1000,
  include: [],
  exclude: [],
};

function scanOf(host: string, role: "primary" | "replica") {
  const narrowing = { include: [], exclude: [], partition: [] };
  return { ...narrowing, store: "cyrus", host, role, level: "full", workers: 2, quiet: true } as const;
}

function isPlanted(variance: Variance, planted: Planted): boolean {
  return (
    variance.class === planted.class &&
    variance.state === planted.state &&
    variance.subject.mailbox === byteString(planted.mailbox) &&
    variance.subject.uid === planted.uid
  );
}
