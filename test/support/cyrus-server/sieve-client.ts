import { LineConnection } from "./line-connection.ts";

/** A ManageSieve session (RFC 5804) that does no more than the tests need. */
export class SieveClient {
  readonly #connection: LineConnection;

  private constructor(connection: LineConnection) {
    this.#connection = connection;
  }

  /** Connects and authenticates an administrator who acts in the name of a user. */
  static async open(
    port: number,
    { user, password, actAs }: { readonly user: string; readonly password: string; readonly actAs: string },
  ): Promise<SieveClient> {
    const client = new SieveClient(new LineConnection(port));
    await client.#answer("greeting");
    const secret = Buffer.from(`${actAs}\0${user}\0${password}`).toString("base64");
    await client.#command(`AUTHENTICATE "PLAIN" "${secret}"`);
    return client;
  }

  /** Stores a script under a name, in place of one that has it. */
  async put(name: string, script: string): Promise<void> {
    const bytes = Buffer.from(script);
    await this.#command(`PUTSCRIPT "${name}" {${bytes.length}+}\r\n${bytes.toString("latin1")}`);
  }

  /** Makes a script the active one; the empty name makes none active. */
  async activate(name: string): Promise<void> {
    await this.#command(`SETACTIVE "${name}"`);
  }

  async delete(name: string): Promise<void> {
    await this.#command(`DELETESCRIPT "${name}"`);
  }

  /** Every script by name, and which one is active. */
  async list(): Promise<{ readonly names: readonly string[]; readonly active: string | null }> {
    const lines = await this.#command("LISTSCRIPTS");
    const scripts = lines.flatMap((line) => {
      const [, name, active] = /^"((?:[^"\\]|\\.)*)"( ACTIVE)?$/.exec(line) ?? [];
      return name === undefined ? [] : [{ name, active: active !== undefined }];
    });
    return { names: scripts.map(({ name }) => name), active: scripts.find(({ active }) => active)?.name ?? null };
  }

  /** The source of a script, one character a byte. */
  async source(name: string): Promise<string> {
    const [script] = await this.#command(`GETSCRIPT "${name}"`);
    if (script === undefined) throw new Error(`Cannot read the script "${name}": no answer`);
    return script;
  }

  close(): void {
    this.#connection.write("LOGOUT\r\n");
    this.#connection.close();
  }

  #command(words: string): Promise<readonly string[]> {
    this.#connection.write(`${words}\r\n`);
    return this.#answer(words);
  }

  /** What comes before the OK; a literal is a line of its own. */
  async #answer(said: string): Promise<readonly string[]> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.#connection.line();
      if (/^OK\b/i.test(line)) return lines;
      if (/^(NO|BYE)\b/i.test(line)) throw new Error(`Cannot do "${said.slice(0, 60)}" over ManageSieve: ${line}`);
      const literal = /^\{(\d+)\+?\}$/.exec(line);
      if (literal === null) {
        lines.push(line);
      } else {
        lines.push(await this.#connection.bytes(Number(literal[1])));
        await this.#connection.line();
      }
    }
  }
}
