import type { Option } from "commander";

const marked = new WeakSet<Option>();

/** Marks an option as being about one run, which has no place in the configuration. */
export function onceOnly(option: Option): Option {
  marked.add(option);
  return option;
}

/** True for an option that the configuration may hold: any but those of one run. */
export function isConfigurable(option: Option): boolean {
  return !marked.has(option) && option.long !== undefined && !option.negate;
}
