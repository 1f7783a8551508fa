import { UsageError } from "../errors.ts";
import type { MailStore, StoreConfig } from "./mail-store.ts";

/** The kinds of mail store that can be read, one line each; what reads them is loaded when it is asked for. */
const STORES: Readonly<Record<string, (config: StoreConfig) => Promise<MailStore>>> = {
  cyrus: async (config) => (await import("./cyrus/store.ts")).openCyrusStore(config),
};

/** The names that {@link openStore} knows. */
export const STORE_KINDS: readonly string[] = Object.keys(STORES);

/**
 * Opens a mail store of the kind named.
 *
 * @throws {UsageError} when there is no such kind
 * @throws {ConfigurationError} when the store's configuration cannot be read or names nothing that could be scanned
 */
export async function openStore(kind: string, config: StoreConfig): Promise<MailStore> {
  const open = Object.hasOwn(STORES, kind) ? STORES[kind] : undefined;
  if (open === undefined)
    throw new UsageError(`Cannot read a mail store of kind "${kind}"`, `Known: ${STORE_KINDS.join(", ")}`);
  return open(config);
}
