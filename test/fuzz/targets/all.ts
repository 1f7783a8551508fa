import type { FuzzTarget } from "../target.ts";
import { cyrusdbTargets } from "./cyrusdb.ts";
import { indexTargets } from "./index-files.ts";
import { itemTargets } from "./items.ts";
import { manifestTargets } from "./manifest.ts";
import { stateFileTarget } from "./state-file.ts";
import { textTargets } from "./text.ts";

/** Every decoder of the program. */
export const targets: readonly FuzzTarget[] = [
  ...indexTargets,
  ...cyrusdbTargets,
  ...textTargets,
  ...itemTargets,
  ...manifestTargets,
  stateFileTarget,
];
