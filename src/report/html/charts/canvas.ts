/** Charts as SVG that a page without scripts and inline styles can hold. */
import { plot } from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { type Html, template } from "../markup.ts";

/** Columns of a chart, about as wide as a phone: a page scales it up, and its letters with it. */
const CHART_WIDTH = 380;

export type PlotOptions = NonNullable<Parameters<typeof plot>[0]>;

/** What is done with the elements of a drawing. Declared here: there are no types of a browser. */
interface DrawnElement {
  readonly attributes: Iterable<{ readonly name: string; value: string }>;
  readonly outerHTML: string;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  querySelectorAll(selector: string): Iterable<DrawnElement>;
  remove(): void;
}

/** Attributes that hold coordinates, which need no more than two decimals. */
const GEOMETRY = ["d", "transform", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "cx", "cy"];

/**
 * Draws a chart.
 *
 * @param label what it shows, for those who do not see it
 */
export function draw(label: string, options: PlotOptions): Html {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const drawn = plot({
    width: CHART_WIDTH,
    marginTop: 14,
    ...options,
    // Plot asks for no more of a document than this one has.
    document: document as unknown as NonNullable<PlotOptions["document"]>,
  }) as unknown as DrawnElement;
  // The page's policy lets no style in that is not the page's own, which says the same.
  for (const style of drawn.querySelectorAll("style")) style.remove();
  for (const element of drawn.querySelectorAll("*")) tidy(element);
  for (const name of ["style", "class", "width", "height", "font-family"]) drawn.removeAttribute(name);
  return labelled({ label, restHtml: drawn.outerHTML.slice("<svg".length) as Html });
}

// By a template: linkedom leaves `&` in an attribute as it is.
const labelled = template<{ label: string; restHtml: Html }>(
  `<svg class="chart" role="img" aria-label="<%= it.label %>"<%~ it.restHtml %>`,
);

function tidy(element: DrawnElement): void {
  for (const name of ["style", "class", "aria-label", "aria-hidden"]) element.removeAttribute(name);
  for (const name of GEOMETRY) {
    const value = element.getAttribute(name);
    if (value !== null) element.setAttribute(name, value.replace(/(\.\d\d)\d+/g, "$1"));
  }
}

/** A colour with its name, and how much there is of it. */
export interface LegendEntry {
  readonly tone: string;
  readonly text: string;
}

const plate = template<{ title: string; sentence: string; svgHtml: Html; legend: readonly LegendEntry[] }>(`<figure>
<figcaption><h3><%= it.title %></h3><p><%= it.sentence %></p></figcaption>
<%~ it.svgHtml %>
<% if (it.legend.length > 0) { %><ul class="legend"><% for (const { tone, text } of it.legend) { %><li class="tone-<%= tone %>"><%= text %></li><% } %></ul><% } %>
</figure>`);

/** A chart with its title, what it says in a sentence, and its colours. */
export function figureHtml(title: string, sentence: string, svgHtml: Html, legend: readonly LegendEntry[] = []): Html {
  return plate({ title, sentence, svgHtml, legend });
}
