import { connect, type Socket } from "node:net";

/** How long a server may keep silent while something is expected of it. */
const SILENCE_MS = 60_000;

/** A TCP connection to 127.0.0.1 that is read by line or by count. Bytes are strings of one character each. */
export class LineConnection {
  readonly #socket: Socket;
  #received = "";
  #ended: Error | null = null;
  #wake: (() => void) | null = null;

  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.setEncoding("latin1");
    this.#socket.setTimeout(SILENCE_MS, () => this.#socket.destroy(new Error(`silent for ${SILENCE_MS} ms`)));
    this.#socket.on("data", (text: string) => {
      this.#received += text;
      this.#wake?.();
    });
    const end = (reason: Error) => {
      this.#ended ??= reason;
      this.#wake?.();
    };
    this.#socket.on("error", end);
    this.#socket.on("close", () => end(new Error("connection closed")));
  }

  /** The next line, without its CRLF. */
  async line(): Promise<string> {
    for (;;) {
      const at = this.#received.indexOf("\r\n");
      if (at >= 0) return this.#take(at + 2).slice(0, at);
      await this.#more();
    }
  }

  /** The next `count` bytes. */
  async bytes(count: number): Promise<string> {
    while (this.#received.length < count) await this.#more();
    return this.#take(count);
  }

  write(bytes: string): void {
    this.#socket.write(bytes, "latin1");
  }

  close(): void {
    this.#socket.end();
    this.#socket.setTimeout(5_000, () => this.#socket.destroy());
  }

  #take(count: number): string {
    const taken = this.#received.slice(0, count);
    this.#received = this.#received.slice(count);
    return taken;
  }

  /** Resolves when there may be more to take. One reader at a time: the protocols spoken here are in step. */
  #more(): Promise<void> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null;
        resolve();
      };
    });
  }
}
