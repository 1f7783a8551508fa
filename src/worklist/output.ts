import type { ByteString } from "../mail/name.ts";

/** Takes the files of a work-list as they are written. A file that is never opened is not there. */
export interface ListOutput {
  /** Adds bytes to the file of that name. */
  append(name: string, bytes: Buffer): void;
}

/** A list under way, with how many entries it has. */
export class ListFile {
  readonly name: string;
  readonly #output: ListOutput;
  #head: string;
  count = 0;

  /** @param head comment lines that the file begins with, if anything is added to it at all */
  constructor(output: ListOutput, name: string, head = "") {
    this.#output = output;
    this.name = name;
    this.#head = head;
  }

  /** Adds an entry of bytes. */
  addBytes(entry: ByteString): void {
    this.#begin();
    this.#output.append(this.name, Buffer.from(entry, "latin1"));
  }

  /** Adds an entry of text. */
  addText(entry: string): void {
    this.#begin();
    this.#output.append(this.name, Buffer.from(entry, "utf8"));
  }

  #begin(): void {
    this.count++;
    if (this.#head === "") return;
    this.#output.append(this.name, Buffer.from(this.#head, "utf8"));
    this.#head = "";
  }
}
