import type { Reread } from "../../mail/known-files.ts";
import type { Level } from "../../mail/message.ts";
import type { OnlyScope } from "../../mail/only-scope.ts";
import type { BaseManifest } from "../../manifest/base-manifest.ts";
import type { MailStore } from "../../store/mail-store.ts";
import type { ScopeOptions } from "../scope-options.ts";

/** The options of `scan`, parsed. */
export interface ScanCommandOptions extends ScopeOptions {
  readonly imapdConf?: string;
  readonly store: string;
  readonly partition: readonly string[];
  readonly configDirectory?: string;
  readonly output?: string;
  readonly host: string;
  readonly role?: "primary" | "replica";
  readonly after?: string;
  readonly level: Level;
  readonly base?: string;
  readonly reread?: Reread;
  readonly workers: number | "auto";
  readonly maxRate?: number;
  readonly maxFiles?: number;
  readonly runTime?: number;
  readonly publishPartial?: boolean;
  readonly restart?: boolean;
  readonly only?: string;
  readonly plan?: boolean;
  readonly quiet?: boolean;
}

/** What one run of a scan is to do. */
export interface ScanJob {
  readonly store: MailStore;
  readonly options: ScanCommandOptions;
  readonly output: string;
  /** The manifest that `--after` names. */
  readonly afterId: string | null;
  readonly only: OnlyScope | undefined;
  /** The manifest that `--base` names; null: everything is read. */
  readonly base: BaseManifest | null;
}
