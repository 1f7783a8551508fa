/** Templates of pages. What a template is given is escaped wherever it inserts it, unless it is markup itself. */
import { Eta } from "eta/core";

declare const markup: unique symbol;

/** Markup that templates have made: the only text that may go into a page as it is. */
export type Html = string & { readonly [markup]: true };

/** No markup at all. */
export const NOTHING = "" as Html;

// No folder of templates is given: Eta's core reads no file.
const eta = new Eta({ autoEscape: true, autoTrim: false });

/**
 * Compiles a template. `<%= it.x %>` escapes; `<%~ it.xHtml %>` does not, and is for {@link Html} only: by convention
 * the names of such values end in `Html`.
 */
export function template<Values extends object>(source: string): (values: Values) => Html {
  const compiled = eta.compile(source);
  return (values) => eta.render(compiled, values) as Html;
}

/** One after the other. */
export function joined(parts: readonly Html[]): Html {
  return parts.join("\n") as Html;
}
