/**
 * Contents of databases for fixtures: those that a server of 3.6 wrote, out of a fixture of a whole spool, and mailbox
 * lists as versions before it wrote them, by hand.
 */
import { cpSync } from "node:fs";
import { join } from "node:path";
import type { UnpackedFixture } from "../fixtures.ts";
import type { BackEnd, DatabaseTool } from "./database-tool.ts";

/** Where a content comes from. */
export type DatabaseContent =
  | { readonly from: string; readonly kind: BackEnd | "quotalegacy" }
  | { readonly entries: readonly (readonly [key: string, value: string])[] };

const ACL = "%(alice lrswipkxtecdan cyrus lrswipkxtecdan)";

/** Tables by name. Paths are of the primary of `a-legacy-insync`. */
export const DATABASE_CONTENTS: Readonly<Record<string, DatabaseContent>> = {
  "mailboxes-3.6": { from: "../replica/conf/mailboxes.db", kind: "twoskip" },
  subscriptions: { from: "conf/user/a/alice.sub", kind: "flat" },
  seen: { from: "conf/user/b/bob.seen", kind: "twoskip" },
  annotations: { from: "conf/annotations.db", kind: "twoskip" },
  "message-annotations": { from: "spool/user/alice/cyrus.annotations", kind: "twoskip" },
  quota: { from: "conf/quota", kind: "quotalegacy" },
  "mailboxes-2.5": {
    entries: [
      ["$RACL$U$bob$user.alice.Team", ""],
      ["$RUNQ$user.alice", ""],
      ["DELETED.user.alice.Old.5B2C0A11", `%(A ${ACL} I 5c0f1d2e3b4a5960 P default V 1300000007 F 40 M 1529612817)`],
      [
        "north.test!user.sven",
        `%(A %(sven@north.test lrs) I 3c0f1d2e3b4a5961 P default V 1300000008 F 3 M 1300000008)`,
      ],
      ["shared.calendar", `%(A %(anyone lr) C 2 F 9 I 0f1e2d3c4b5a6978 M 1500000000 P ssd T c V 1300000001)`],
      ["shared.news", `%(A %(anyone lr) I 1f1e2d3c4b5a6978 P default T n V 1300000002)`],
      ["user.alice", `%(A ${ACL} C 1 F 12 I 2f1e2d3c4b5a6978 M 1529612800 P default V 1300000003)`],
      ["user.alice.Gone", "%(F 41 I 6f1e2d3c4b5a6978 M 1529612818 T d V 1300000004)"],
      ["user.alice.Moving", `%(A ${ACL} I 7f1e2d3c4b5a6978 P default S back2.test T m V 1300000005)`],
      ["user.alice.Reserved", `%(I 8f1e2d3c4b5a6978 P default T z V 1300000006)`],
      ["user.alice.Team", `%(A %("a b" lr alice lrs) I 9f1e2d3c4b5a6978 P default V 1300000009)`],
      ["user.alice.Upper", "%(F 13 I af1e2d3c4b5a6978 M 1529612819 T i V 1300000010)"],
      ["user.alice.Upper.Lower", `%(A ${ACL} I bf1e2d3c4b5a6978 P default V 1300000011)`],
      ["user.dave^smith", `%(A %(dave.smith lrs) I cf1e2d3c4b5a6978 P default V 1300000012)`],
      ["user.erin", `%(A %(erin lrs) I df1e2d3c4b5a6978 P default S back2.test T r V 1300000013)`],
    ],
  },
  "mailboxes-2.3": {
    entries: [
      ["DELETED.user.alice.Old.46165A10", "0 default alice\tlrswipcda\t"],
      ["north.test!user.sven", "0 default sven@north.test\tlrswipcda\t"],
      ["shared.news", "4 news anyone\tlrs\t"],
      ["user.alice", "0 default alice\tlrswipcda\tanyone\tp\t"],
      ["user.alice.Moving", "8 back2.test!default alice\tlrswipcda\t"],
      ["user.alice.Sent Mail", "(uniqueid 2f1e2d3c4b5a6978 specialuse \\Sent) 0 default alice\tlrswipcda\t"],
      ["user.bob", "1 back2.test!default bob\tlrswipcda\t"],
      ["user.carol", "2 default carol\tlrswipcda\t"],
      ["user.gone", "16 default "],
    ],
  },
};

/** Makes a content in every back end; resolves to the paths. */
export async function makeDatabases(
  tool: DatabaseTool,
  spool: UnpackedFixture,
  name: string,
): Promise<Record<BackEnd, string>> {
  const content = DATABASE_CONTENTS[name];
  if (content === undefined) throw new RangeError(`No content is named ${name}`);
  const paths = { twoskip: "", skiplist: "", flat: "" };
  let first: { readonly path: string; readonly kind: BackEnd | "quotalegacy" };
  if ("entries" in content) {
    first = { path: tool.path("db", `${name}.first`), kind: "twoskip" };
    const puts = content.entries.map(([put, value]) => ({ put, value }));
    await tool.apply(first.path, "twoskip", ["BEGIN", ...puts, "COMMIT"]);
  } else {
    // quotalegacy is told a file that is not there, beside the folder "quota".
    const legacy = content.kind === "quotalegacy";
    first = { path: tool.path("db", legacy ? "quotas.db" : `${name}.first`), kind: content.kind };
    const place = legacy ? tool.path("db", "quota") : first.path;
    cpSync(join(spool.root, "primary", content.from), place, { recursive: true });
    tool.adopt(place);
  }
  for (const kind of ["twoskip", "skiplist", "flat"] as const) {
    paths[kind] = tool.path("db", `${name}.${kind}`);
    await tool.convert(first.path, first.kind, paths[kind], kind);
  }
  return paths;
}
