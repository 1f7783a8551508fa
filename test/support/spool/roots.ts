import type { ModelLayout } from "./layout.ts";
import type { ModelMailbox, ModelMessage } from "./model.ts";

/** The directory trees of a store's partitions. */
export class Roots {
  readonly #root: string;
  readonly #layout: ModelLayout;

  constructor(root: string, layout: ModelLayout) {
    this.#root = root;
    this.#layout = layout;
  }

  /** Settings of `imapd.conf` for these partitions. */
  settings(partitions: readonly string[]): string[] {
    const { metaFiles, metaDirectories, archive, sparePartition } = this.#layout;
    const all = [...partitions, ...(sparePartition ? ["spare"] : [])];
    return [
      ...(metaFiles === null ? [] : [`metapartition_files: ${metaFiles}`]),
      ...all.flatMap((name) => [
        `partition-${name}: ${this.spool(name)}`,
        ...(metaFiles === null ? [] : [`metapartition-${name}: ${this.#tree("meta", name)}`]),
        ...(archive ? [`archivepartition-${name}: ${this.#tree("archive", name)}`] : []),
        ...metaDirectories.map((kind) => `metadir-${kind}-${name}: ${this.#tree(kind, name)}`),
      ]),
    ];
  }

  /** Every tree that mailboxes of a partition may lie in. */
  of(partition: string): string[] {
    const { metaFiles, metaDirectories, archive } = this.#layout;
    const kinds = [...(metaFiles === null ? [] : ["meta"]), ...(archive ? ["archive"] : []), ...metaDirectories];
    return [this.spool(partition), ...kinds.map((kind) => this.#tree(kind, partition))];
  }

  spool(partition: string): string {
    return partition === "default" ? `${this.#root}/spool` : this.#tree("spool", partition);
  }

  /** Root of one metadata file of a mailbox. */
  meta({ partition }: ModelMailbox, kind: "header" | "index" | "annotations"): string {
    const { metaFiles, metaDirectories } = this.#layout;
    const own = kind === "annotations" ? "index" : kind;
    if (metaDirectories.includes(own)) return this.#tree(own, partition);
    return metaFiles?.split(" ").includes(kind) ? this.#tree("meta", partition) : this.spool(partition);
  }

  /** Root of a message, and whether its record says that it is archived: a file may be in either. */
  message({ partition }: ModelMailbox, { uid }: ModelMessage): { readonly root: string; readonly archived: boolean } {
    const archived = this.#layout.archive && uid % 2 === 0;
    const elsewhere = this.#layout.archive && uid % 5 === 0;
    return { root: archived !== elsewhere ? this.#tree("archive", partition) : this.spool(partition), archived };
  }

  #tree(kind: string, partition: string): string {
    return `${this.#root}/${kind}-${partition}`;
  }
}
