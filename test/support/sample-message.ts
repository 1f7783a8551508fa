import type { Random } from "./random.ts";

const WORDS =
  "the replica host was delayed by a disk fault please confirm whether the mailbox index matches what the primary shows".split(
    " ",
  );
const SUBJECTS = ["Weekly status", "Re: Weekly status", "=?utf-8?B?w5xiZXJzaWNodA==?=", "[list] question", ""];

/** Messages are dated from 2001 on, so that internal dates have nothing to do with the time of a test. */
const OLDEST_DATE = 1_000_000_000;
const NEWEST_DATE = 1_700_000_000;

/** A message with CRLF line ends, as an MTA delivers it. */
export interface SampleMessage {
  readonly bytes: Buffer;
  /** Seconds since 1970. */
  readonly date: number;
}

/**
 * Makes a message that differs from every other one: plain text in 8 bits, a dot at the start of a line, an attachment
 * in base64; now and then with no body at all or larger than a read buffer.
 */
export function sampleMessage(random: Random): SampleMessage {
  const date = random.integer(OLDEST_DATE, NEWEST_DATE);
  const head = [
    `Date: ${new Date(date * 1000).toUTCString().replace("GMT", "+0000")}`,
    "From: Sender <sender@partner.test>",
    `Subject: ${random.pick(SUBJECTS)}`,
    `Message-ID: <${random.integer(0, 2 ** 31)}.${random.integer(0, 2 ** 31)}@client.test>`,
    "MIME-Version: 1.0",
  ];
  return { bytes: Buffer.from([...head, ...body(random)].join("\r\n")), date };
}

function body(random: Random): string[] {
  const size = random.chance(0.05) ? random.integer(70_000, 150_000) : random.integer(0, 6_000);
  if (random.chance(0.05)) return ["", ""];
  if (random.chance(0.6)) {
    const headers = ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"];
    return [...headers, "", text(random, size), ".", "..Gr\u00fc\u00dfe aus K\u00f6ln", ""];
  }
  const boundary = `=_${random.integer(0, 2 ** 31)}`;
  const attachment = Buffer.from(text(random, size)).toString("base64").replaceAll(/.{76}/g, "$&\r\n");
  return [
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    ...["", `--${boundary}`, "Content-Type: text/plain", "", text(random, 200)],
    ...[`--${boundary}`, "Content-Type: application/octet-stream", "Content-Transfer-Encoding: base64", ""],
    ...[attachment, `--${boundary}--`, ""],
  ];
}

function text(random: Random, size: number): string {
  const lines: string[] = [];
  for (let written = 0; written < size; ) {
    const line = Array.from({ length: random.integer(1, 12) }, () => random.pick(WORDS)).join(" ");
    lines.push(line);
    written += line.length + 2;
  }
  return lines.join("\r\n");
}
