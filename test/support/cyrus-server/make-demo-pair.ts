/**
 * Makes the frozen pair of spools that `spooldiff demo` shows (`src/demo/pair.json`), on a real Cyrus IMAP pair:
 *
 *   node test/support/cyrus-server/make-demo-pair.ts > src/demo/pair.json
 *
 * Two users; after the last sync the primary goes on (one delivery, one flag) and somebody expunges a message on the
 * replica. The damage to files is done by the demo itself.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { findCyrus } from "./binaries.ts";
import { CyrusPair } from "./pair.ts";

const MAILBOXES = ["user/anna", "user/anna/Sent", "user/anna/Archive", "user/ben", "user/ben/Lists"];
const DAY = 86_400;
const FIRST_DATE = 1_760_000_000;

const { binaries, missing } = findCyrus();
if (binaries === null) throw new Error(missing);
const pair = await CyrusPair.start(binaries, { layout: "uuid" });
try {
  await fill(pair);
  process.stdout.write(`${JSON.stringify({ files: Object.fromEntries(files(pair.folder)) }, null, 1)}\n`);
} finally {
  await pair.stop();
}

async function fill(cyrus: CyrusPair): Promise<void> {
  const admin = await cyrus.imap("primary");
  for (const mailbox of MAILBOXES) await admin.command(`CREATE "${mailbox}"`);
  for (const user of ["anna", "ben"]) await admin.command(`SETACL "user/${user}" cyrus lrswipkxtecdan`);
  let number = 0;
  for (const mailbox of MAILBOXES) {
    await admin.command(`SETACL "${mailbox}" cyrus lrswipkxtecdan`);
    for (let i = 0; i < 3; i++) {
      number++;
      const flags = number % 3 === 0 ? ["\\Flagged"] : number % 4 === 0 ? ["$Forwarded"] : [];
      await admin.append(mailbox, message(number), flags, FIRST_DATE + number * DAY);
    }
  }
  await cyrus.sync();
  const replica = await cyrus.imap("replica");
  await replica.expunge("user/ben/Lists", "2");
  await admin.append("user/anna", message(100), [], FIRST_DATE + 100 * DAY);
  await admin.command('SELECT "user/anna/Sent"');
  await admin.command("UID STORE 1 +FLAGS (\\Answered)");
  await admin.command("UNSELECT");
}

function message(number: number): Buffer {
  const lines = [
    `Date: ${new Date((FIRST_DATE + number * DAY) * 1000).toUTCString().replace("GMT", "+0000")}`,
    "From: Demo <demo@example.org>",
    "To: you@example.org",
    `Subject: Message ${number} of the demo`,
    `Message-ID: <${number}@demo.example.org>`,
    "",
    ...Array.from({ length: 3 + (number % 5) }, (_, i) => `This is line ${i + 1} of message ${number}.`),
    "",
  ];
  return Buffer.from(lines.join("\r\n"));
}

/** What a scan reads: mailbox list, replication log, spool. Paths are relative to the folder of the pair. */
function* files(folder: string): Generator<[string, string]> {
  for (const side of ["primary", "replica"]) {
    yield* below(folder, join(folder, side, "conf", "mailboxes.db"));
    if (side === "primary") yield* below(folder, join(folder, side, "conf", "sync", "log"));
    yield* below(folder, join(folder, side, "spool", "uuid"));
  }
}

function* below(folder: string, path: string): Generator<[string, string]> {
  if (statSync(path).isFile()) {
    if (!path.endsWith("cyrus.cache")) yield [relative(folder, path), readFileSync(path).toString("base64")];
    return;
  }
  for (const name of readdirSync(path).sort()) yield* below(folder, join(path, name));
}
