/**
 * Where the Cyrus IMAP that `.ci/install-servers` unpacked lies, and how its programs are started: below another
 * library path, as a user that may run them, and so that they end when the test process does.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";

/** A Cyrus IMAP that can be started. */
export interface CyrusBinaries {
  /** Folder of `master`, `imapd`, `sync_client` … */
  readonly programs: string;
  readonly saslpasswd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Whom the servers run as, and who owns their files. */
  readonly account: { readonly name: string; readonly uid: number; readonly gid: number };
}

/** The binaries, or the reason why there are none. */
export type CyrusSearch =
  | { readonly binaries: CyrusBinaries; readonly missing: null }
  | { readonly binaries: null; readonly missing: string };

/** Looks for an unpacked Cyrus IMAP. Never throws: a machine without one is an ordinary case. */
export function findCyrus(): CyrusSearch {
  const root = privateRoot();
  const programs = join(root, "usr/lib/cyrus/bin");
  if (!existsSync(join(programs, "master"))) {
    return { binaries: null, missing: `no Cyrus IMAP in ${root}; .ci/install-servers puts it there` };
  }
  const triplet = readdirSync(join(root, "usr/lib")).find((name) => name.includes("-linux-gnu")) ?? "";
  const libraries = join(root, "usr/lib", triplet);
  const account = serverAccount();
  if (account === null) return { binaries: null, missing: "no user cyrus; .ci/install-servers adds it" };
  // Durability is not under test: without it the servers are several times faster and write the same bytes.
  const noSync = join(libraries, "libeatmydata.so");
  const environment = {
    PATH: process.env.PATH ?? "/usr/bin:/bin",
    LD_LIBRARY_PATH: [libraries, join(root, "usr/lib"), join(root, "lib", triplet)].join(":"),
    SASL_PATH: join(libraries, "sasl2"),
    CYRUS_USER: account.name,
    ...(existsSync(noSync) ? { LD_PRELOAD: noSync } : {}),
  };
  const saslpasswd = join(root, "usr/sbin/saslpasswd2");
  return { binaries: { programs, saslpasswd, environment, account }, missing: null };
}

/**
 * The same for a test, which skips what needs a server where there is none.
 *
 * @throws in CI, or where SPOOLDIFF_REQUIRE_SERVERS is set: there a missing server is a failure
 */
export function cyrusToTestWith(): CyrusSearch {
  const found = findCyrus();
  if (found.missing !== null && (process.env.CI || process.env.SPOOLDIFF_REQUIRE_SERVERS))
    throw new Error(found.missing);
  return found;
}

/**
 * The words to put before a command so that it runs as the server's account and gets SIGTERM when this process dies,
 * however that comes about: a test that is killed leaves no server behind.
 */
export function asAccount(binaries: CyrusBinaries): readonly string[] {
  const { uid, gid } = binaries.account;
  const identity = process.getuid?.() === 0 ? [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"] : [];
  return ["setpriv", ...identity, "--pdeathsig", "TERM", "--"];
}

/** The same rule as in `.ci/install-servers`. */
function privateRoot(): string {
  const { SPOOLDIFF_CYRUS_ROOT: chosen, XDG_CACHE_HOME: cache } = process.env;
  if (chosen) return chosen;
  if (cache) return join(cache, "spooldiff-test/cyrus");
  return process.getuid?.() === 0 ? "/var/cache/spooldiff-test/cyrus" : join(homedir(), ".cache/spooldiff-test/cyrus");
}

/** Cyrus refuses to run as root; anybody else runs it under their own name. */
function serverAccount(): CyrusBinaries["account"] | null {
  const self = userInfo();
  if (self.uid !== 0) return { name: self.username, uid: self.uid, gid: self.gid };
  const number = (option: string) =>
    Number(execFileSync("id", [option, "cyrus"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  try {
    return { name: "cyrus", uid: number("-u"), gid: number("-g") };
  } catch {
    return null;
  }
}
