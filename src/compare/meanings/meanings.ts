import type { VarianceClass } from "../classes.ts";
import { MEANINGS_OF_ITEMS } from "./items.ts";
import { MEANINGS_OF_INDEXES, MEANINGS_OF_LISTS } from "./mailboxes.ts";
import type { Meaning } from "./meaning.ts";
import { MEANINGS_OF_FILES, MEANINGS_OF_MESSAGES } from "./messages.ts";

/** What there is to know of every class. */
export const MEANINGS: Readonly<Record<VarianceClass, Meaning>> = {
  ...MEANINGS_OF_LISTS,
  ...MEANINGS_OF_INDEXES,
  ...MEANINGS_OF_MESSAGES,
  ...MEANINGS_OF_FILES,
  ...MEANINGS_OF_ITEMS,
};
