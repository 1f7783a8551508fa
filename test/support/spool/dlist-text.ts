/** A string of a dlist, quoted where it has to be. */
export function dlistText(text: string): string {
  if (/^[\w.@!&+,:-]+$/.test(text) && text !== "NIL") return text;
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
