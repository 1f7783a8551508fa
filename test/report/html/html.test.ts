/** Pages as text: golden files, and what holds for every page whatever is in it. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { suite, test } from "node:test";
import fc from "fast-check";
import { STATES } from "../../../src/compare/classes.ts";
import type { Findings, Variance } from "../../../src/compare/variance.ts";
import { htmlFormat } from "../../../src/report/html/comparison.ts";
import { PALETTE } from "../../../src/report/html/style/palette.ts";
import { comparisonReport, findingsOf, note, replicaSummary, sideSummary, variance } from "../../support/findings.ts";
import { assertGolden } from "../../support/golden.ts";
import * as cases from "../cases.ts";
import { PAGES } from "./pages.ts";

const GOLDEN = ["comparison-damaged", "comparison-hostile", "comparison-in-sync", "trend-hostile", "trend-none"];

function pageOf(findings: Findings, limit = 20): string {
  return comparisonReport(htmlFormat, findings, { colour: false, limit, allMailboxes: false });
}

/** A tag with its attributes, each in double quotes. */
const TAG = /<(\/?[a-z][a-z0-9]*)((?:\s[a-zA-Z][\w:-]*(?:="[^"]*")?)*)\s*\/?>/gi;

/** Everything that a page is made of. */
const ELEMENTS = new Set(
  "html head meta title style body header nav main footer section div p span strong small h1 h2 h3 ul ol li dl dt dd time a table thead tbody tr th td details summary figure figcaption pre code svg g path rect line circle text tspan".split(
    " ",
  ),
);

/** What a page must not have, whatever is in it; `html` is one that a template made. */
function assertHarmless(html: string): void {
  assert.ok(html.startsWith('<!doctype html>\n<html lang="en">'));
  const style = /<style>([^<]*)<\/style>/.exec(html)?.[1] ?? "";
  const digest = createHash("sha256").update(style).digest("base64");
  assert.ok(html.includes(`content="default-src &#39;none&#39;; style-src &#39;sha256-${digest}&#39;;`), "policy");
  for (const [, name = "", attributes = ""] of html.matchAll(TAG)) {
    assert.ok(ELEMENTS.has(name.toLowerCase().replace("/", "")), name);
    // Nothing that runs, nothing that loads, no style beside the one sheet.
    assert.doesNotMatch(
      attributes.replaceAll(/="[^"]*"/g, "="),
      /\s(on\w+|src|srcset|style|xlink|action|formaction|data)=/i,
    );
    for (const [, target] of attributes.matchAll(/\shref="([^"]*)"/g)) assert.match(target ?? "", /^#[a-z-]+$/);
  }
  const rest = html.replace("<!doctype html>", "").replace(style, "").replaceAll(TAG, "");
  assert.doesNotMatch(rest, /[<>]/, "all else is text");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is looked for
  assert.doesNotMatch(html, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]/);
}

suite("pages", () => {
  for (const name of GOLDEN) {
    test(`${name} is as its golden file has it`, () => {
      assertGolden(`html-${name}.html`, PAGES[name]?.() ?? "");
    });
  }

  for (const [name, make] of Object.entries(PAGES)) {
    test(`${name} has no script, loads nothing, and its one style sheet is the one that its policy names`, (t) => {
      const warn = t.mock.method(console, "warn", () => {});
      assertHarmless(make());
      assert.deepEqual(warn.mock.calls, [], "nothing for standard error");
    });
  }

  test("are harmless whatever texts and names a manifest holds", () => {
    const odd = fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.string({
        unit: fc.constantFrom(
          "<",
          ">",
          '"',
          "'",
          "&",
          "`",
          "=",
          "/",
          "script",
          "\x1b",
          "\u202e",
          "-->",
          "]]>",
          "a",
          " ",
        ),
      }),
    );
    const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array).toString("latin1"));
    fc.assert(
      fc.property(odd, odd, bytes, (text, other, name) => assertHarmless(pageOf(oddFindings(text, other, name)))),
      { numRuns: 40 },
    );
  });

  test("show `limit` findings of a class in a state, and do not grow with those that are left out", () => {
    const many = (length: number) =>
      findingsOf(Array.from({ length }, (_, i) => variance({ subject: { uid: i + 1 } })));
    const page = pageOf(many(315), 3);
    assert.equal(page.match(/<details class="finding">/g)?.length, 3);
    assert.match(page, /<span class="total">315 findings<\/span>/);
    assert.match(page, /and 312 more/);
    assert.equal(pageOf(many(2000), 3).length, pageOf(many(4000), 3).length);
  });

  test("say of every finding which check made it and where: the matrix adds up", () => {
    for (const findings of [cases.damaged, cases.lagging, cases.incomplete]) {
      const matrix = /<table class="matrix">[\s\S]*?<\/table>/.exec(pageOf(findings))?.[0] ?? "";
      for (const state of STATES) {
        const cells = [...matrix.matchAll(new RegExp(`tally tone-${state}"[\\s\\S]*?</svg>(\\d+)`, "g"))];
        const sum = cells.reduce((all, [, number]) => all + Number(number), 0);
        assert.equal(sum, findings.summary.counts.byState[state] ?? 0, state);
      }
    }
  });

  test("name a user in a chart as he is called, whatever markup that looks like", () => {
    const page = PAGES["trend-hostile"]?.() ?? "";
    const label = /aria-label="Users who lag most: [^"]*"/.exec(page)?.[0] ?? "";
    assert.match(label, /a&amp;quot; b&amp;amp;/);
    assert.match(label, /&quot;&gt;&lt;img src=x/);
  });

  test("count the ages of findings that have one, and name how many have none", () => {
    const ages = [10, 800, 5000, 90_000, 90_001].map(
      (ageSeconds): Variance => variance({ state: "in-flight", ageSeconds }),
    );
    const seen = variance({ firstSeen: "2026-02-27T03:01:44Z", runs: 3, course: "persisting" });
    const page = pageOf(findingsOf([seen, variance(), ...ages]));
    assert.match(page, /6 findings by age[^<]*; nothing dates 1 more/);
    assert.match(page, /&lt; 15 min: 2, &lt; 6 h: 1, &lt; 3 d: 3"/);
  });

  test("have accepted findings apart, in no number but their own", () => {
    const accepted = { reason: "known <b>", expires: "2026-12-31" };
    const open = variance({ subject: { uid: 1 } });
    const known = variance({ state: "diverged", subject: { uid: 2 }, accepted });
    const { counts } = findingsOf([open]).summary;
    const page = pageOf({
      ...findingsOf([open], { summary: { counts: { ...counts, accepted: 1 } } }),
      variances: () => [open, known],
    });
    assert.match(page, /<h3>.*Accepted <span class="total">1<\/span><\/h3>/);
    assert.match(page, /until 2026-12-31: known &lt;b&gt;/);
    assert.match(page, /Apart from 1 accepted difference\./);
    assert.doesNotMatch(page, /class="state tone-diverged"/);
  });

  test("have charts over time only with a history, and a table of the same figures with them", () => {
    assert.doesNotMatch(pageOf(cases.damaged), /Open findings|id="time"/);
    const page = PAGES["comparison-damaged"]?.() ?? "";
    for (const title of ["Open findings", "Lag", "New against cleared", "Users who lag most", "How old they are"]) {
      assert.match(page, new RegExp(`<h3>${title}</h3>`));
    }
    assert.match(page, /The same in figures/);
  });
});

suite("palette", () => {
  const schemes = PALETTE.split("@media");
  for (const [i, name] of ["light", "dark"].entries()) {
    test(`${name}: words have a contrast of 4.5, what is drawn one of 3`, () => {
      const colours = new Map(
        [...(schemes[i] ?? "").matchAll(/--([a-z-]+): (#[0-9a-f]{6})/g)].map(([, key, hex]) => [key, hex]),
      );
      const at = (key: string) => colours.get(key) ?? assert.fail(`${key} is missing`);
      for (const tone of ["damaged", "diverged", "in-flight", "unproven", "good"]) {
        for (const ground of ["paper", "card", `${tone}-tint`]) {
          assert.ok(contrast(at(tone), at(ground)) >= 4.5, `${tone} on ${ground}`);
        }
        assert.ok(contrast(at(`${tone}-fill`), at("card")) >= 3, `${tone}-fill`);
      }
      for (const ground of ["paper", "card", "faint"]) {
        assert.ok(contrast(at("ink"), at(ground)) >= 7, `ink on ${ground}`);
        assert.ok(contrast(at("soft"), at(ground)) >= 4.5, `soft on ${ground}`);
      }
    });
  }
});

/** WCAG 2.2, contrast ratio of two colours. */
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The odd values at every place that a manifest can fill. */
function oddFindings(text: string, other: string, name: string): Findings {
  const subject = { mailbox: name, otherMailbox: name, path: name, owner: name, key: name, item: text };
  const coverage = { ...sideSummary().coverage, bytes: text, bytesReadNow: other, oldestCarried: text };
  const side = {
    host: text,
    store: text,
    level: text,
    scannedFrom: text,
    scannedTo: other,
    file: text,
    manifest: other,
    coverage,
  };
  return findingsOf(
    [
      variance({
        subject,
        explain: text,
        repair: other,
        rule: text,
        primary: { [text]: other },
        replica: { l: [text, other] },
      }),
      variance({ subject: { mailbox: null, path: name }, explain: other, firstSeen: text, runs: 2 }),
      variance({ subject: { mailbox: name }, accepted: { reason: text, expires: other } }),
    ],
    {
      notes: [note({ class: text, mailbox: name, explain: other })],
      summary: {
        primary: sideSummary(side),
        replica: replicaSummary({ ...side, host: other }),
        incomplete: [text],
        scope: { level: text, checks: ["list"], outside: [text], notComparable: [other], narrowedBy: [text] },
        next: text,
      },
    },
  );
}
