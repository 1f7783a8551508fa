import { dateTime, pairsOf, parseValues, quoted, secondsOf } from "./imap-syntax.ts";
import { LineConnection } from "./line-connection.ts";

/** What the server answered: its tagged line without the tag, and the untagged ones, literals inlined. */
export interface ImapAnswer {
  readonly ok: boolean;
  readonly status: string;
  readonly untagged: readonly string[];
}

/** A mailbox, as STATUS describes it. */
export interface ImapStatus {
  readonly messages: number;
  readonly uidNext: number;
  readonly uidValidity: number;
  readonly unseen: number;
  readonly highestModseq: bigint;
}

/** A message, as FETCH describes it. */
export interface ImapMessage {
  readonly uid: number;
  /** Without \Recent, which belongs to a session, not to a message. */
  readonly flags: readonly string[];
  readonly internalDate: number;
  readonly sizeBytes: number;
  readonly modseq: bigint;
  /** The GUID in the index (`DIGEST.SHA1`, Cyrus). */
  readonly guid: string;
  /** SHA-1 of the file as it is now (`RFC822.SHA1`, Cyrus). */
  readonly sha1: string;
}

/**
 * An IMAP session that says exactly what it is told to. Cyrus' own fetch items are the reason why this is no library:
 * they must come back as the server wrote them.
 */
export class ImapClient {
  readonly #connection: LineConnection;
  #commands = 0;

  private constructor(connection: LineConnection) {
    this.#connection = connection;
  }

  /** Connects and authenticates; `actAs` is the user in whose name an administrator acts (SASL PLAIN, RFC 4616). */
  static async open(
    port: number,
    login: { readonly user: string; readonly password: string; readonly actAs?: string },
  ): Promise<ImapClient> {
    const client = new ImapClient(new LineConnection(port));
    await client.#response();
    const secret = `${login.actAs ?? ""}\0${login.user}\0${login.password}`;
    await client.command(`AUTHENTICATE PLAIN ${Buffer.from(secret).toString("base64")}`);
    return client;
  }

  /** Sends a command and returns the answer, be it OK, NO or BAD. A Buffer is sent as a non-synchronising literal. */
  async attempt(...parts: readonly (string | Buffer)[]): Promise<ImapAnswer> {
    const tag = `a${++this.#commands}`;
    const words = parts.map((part) =>
      typeof part === "string" ? part : `{${part.length}+}\r\n${part.toString("latin1")}`,
    );
    this.#connection.write(`${tag} ${words.join("")}\r\n`);
    const untagged: string[] = [];
    for (;;) {
      const line = await this.#response();
      if (line.startsWith(`${tag} `)) {
        const status = line.slice(tag.length + 1);
        return { ok: /^OK\b/i.test(status), status, untagged };
      }
      untagged.push(line);
    }
  }

  /** As {@link attempt}; an answer that is not OK is an exception. */
  async command(...parts: readonly (string | Buffer)[]): Promise<ImapAnswer> {
    const answer = await this.attempt(...parts);
    if (!answer.ok) {
      const said = parts.filter((part) => typeof part === "string").join("…");
      throw new Error(`Cannot do "${said.slice(0, 200)}": ${answer.status}`);
    }
    return answer;
  }

  append(mailbox: string, message: Buffer, flags: readonly string[] = [], seconds?: number): Promise<ImapAnswer> {
    const date = seconds === undefined ? "" : `${quoted(dateTime(seconds))} `;
    return this.command(`APPEND ${quoted(mailbox)} (${flags.join(" ")}) ${date}`, message);
  }

  /** Expunges messages of a mailbox, whatever else in it is marked \Deleted. */
  async expunge(mailbox: string, uids: string): Promise<void> {
    await this.command(`SELECT ${quoted(mailbox)}`);
    await this.command(`UID STORE ${uids} +FLAGS.SILENT (\\Deleted)`);
    await this.command(`UID EXPUNGE ${uids}`);
    await this.command("UNSELECT");
  }

  /** Adds or removes flags: `+FLAGS`, `-FLAGS` or `FLAGS`. */
  async store(mailbox: string, uids: string, item: "+FLAGS" | "-FLAGS" | "FLAGS", flags: string): Promise<void> {
    await this.command(`SELECT ${quoted(mailbox)}`);
    await this.command(`UID STORE ${uids} ${item}.SILENT (${flags})`);
    await this.command("UNSELECT");
  }

  async status(mailbox: string): Promise<ImapStatus> {
    const { untagged } = await this.command(
      `STATUS ${quoted(mailbox)} (MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ)`,
    );
    const line = untagged.find((candidate) => candidate.startsWith("* STATUS "));
    if (line === undefined) throw new Error(`Cannot read the status of "${mailbox}": no answer`);
    // The name comes first, and Cyrus leaves it unquoted where it is an odd but legal atom.
    const pairs = pairsOf(parseValues(line.slice(line.lastIndexOf("("))).at(0));
    const number = (name: string) => Number(pairs.get(name));
    return {
      messages: number("MESSAGES"),
      uidNext: number("UIDNEXT"),
      uidValidity: number("UIDVALIDITY"),
      unseen: number("UNSEEN"),
      highestModseq: BigInt(String(pairs.get("HIGHESTMODSEQ"))),
    };
  }

  /** Every message of a mailbox in UID order, read without changing it. */
  async messages(mailbox: string): Promise<readonly ImapMessage[]> {
    await this.command(`EXAMINE ${quoted(mailbox)}`);
    const { untagged } = await this.command(
      "UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE MODSEQ DIGEST.SHA1 RFC822.SHA1)",
    );
    await this.command("UNSELECT");
    const lines = untagged.flatMap((line) => /^\* \d+ FETCH (.*)$/s.exec(line)?.[1] ?? []);
    return lines.map(fetchedMessage).toSorted((a, b) => a.uid - b.uid);
  }

  async close(): Promise<void> {
    await this.attempt("LOGOUT").catch(() => {}); // the server may have gone first
    this.#connection.close();
  }

  /** One response; a literal and what follows it belong to it. */
  async #response(): Promise<string> {
    let text = await this.#connection.line();
    for (let literal = /\{(\d+)\}$/.exec(text); literal !== null; literal = /\{(\d+)\}$/.exec(text)) {
      const bytes = await this.#connection.bytes(Number(literal[1]));
      text += `\r\n${bytes}${await this.#connection.line()}`;
    }
    return text;
  }
}

function fetchedMessage(line: string): ImapMessage {
  const pairs = pairsOf(parseValues(line)[0]);
  const list = (name: string) => {
    const value = pairs.get(name);
    if (!Array.isArray(value)) throw new SyntaxError(`Cannot parse "${line}": ${name} is no list`);
    return value.map(String);
  };
  return {
    uid: Number(pairs.get("UID")),
    flags: list("FLAGS").filter((flag) => flag.toLowerCase() !== "\\recent"),
    internalDate: secondsOf(String(pairs.get("INTERNALDATE"))),
    sizeBytes: Number(pairs.get("RFC822.SIZE")),
    modseq: BigInt(list("MODSEQ")[0] ?? ""),
    guid: String(pairs.get("DIGEST.SHA1")).toLowerCase(),
    sha1: String(pairs.get("RFC822.SHA1")).toLowerCase(),
  };
}
