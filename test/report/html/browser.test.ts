/** Pages as a real browser shows them: light, dark, narrow, on paper, and with hostile names in every field. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { browserFor, picturePath, startBrowser } from "../../support/browser.ts";
import { PAGES } from "./pages.ts";

const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 375, height: 812 };

/** Pages made of nothing that another one has not: read as text only. */
const LIKE_OTHERS = ["comparison-lagging", "trend-converging", "trend-one", "trend-hours"];

/** Pages that pictures are taken of, for people to look at. */
const LOOKED_AT_MORE = ["comparison-damaged", "comparison-hostile", "trend-diverging", "trend-hostile"];

let browser: Browser | null = null;
before(async () => {
  browser = await startBrowser();
});
after(async () => browser?.close());

/** What a page has done that it must not. */
interface Watched {
  readonly page: Page;
  /** Console messages (a breach of the page's policy is one), requests, dialogs, errors. */
  readonly complaints: string[];
}

async function openPage(started: Browser, html: string, options: BrowserContextOptions): Promise<Watched> {
  const context = await started.newContext({ offline: true, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(`console: ${message.text()}`));
  page.on("request", (request) => complaints.push(`request: ${request.url()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.setContent(html);
  return { page, complaints };
}

/** Unfolds everything: what is folded is neither looked at nor checked. */
async function unfold(page: Page): Promise<void> {
  await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
}

const ALL_RULES = null;

/** What axe-core finds wrong by some of its rules or all, with the place; the contrast of colours has to be among them. */
async function accessibility(page: Page, rules: readonly string[] | null): Promise<string[]> {
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(axe.source);
  const options = { resultTypes: ["violations"], ...(rules === null ? {} : { runOnly: rules }) };
  const run = `axe.run(document, ${JSON.stringify(options)})`;
  const { violations, passes } = (await page.evaluate(run)) as axe.AxeResults;
  assert.ok(passes.some(({ id }) => id === "color-contrast"));
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}

const BACKGROUND = "getComputedStyle(document.documentElement).backgroundColor";

/** How many findings show nothing of what is in them. */
const FOLDED = `[...document.querySelectorAll(".finding .inside")]
  .filter((one) => !one.checkVisibility() || one.getBoundingClientRect().height === 0).length`;

/** Elements that reach beyond the right edge of the window, save in what scrolls by itself. */
const BEYOND = `[...document.querySelectorAll("body *")]
  .filter((one) => one.closest(".scroll, .unseen, svg") === null && one.getBoundingClientRect().right > innerWidth + 0.5)
  .map((one) => one.outerHTML.slice(0, 120))`;

/** Colours that a page is read in. */
const SCHEMES = ["light", "dark"] as const;

/** Takes a picture of it in light and dark and on a phone, and prints it. */
async function takePictures(page: Page, name: string): Promise<void> {
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: picturePath(`${name}-${colorScheme}.png`), fullPage: true });
  }
  await page.setViewportSize(PHONE);
  await page.screenshot({ path: picturePath(`${name}-phone.png`), fullPage: true });
  await page.pdf({ path: picturePath(`${name}.pdf`), format: "A4" });
  await page.setViewportSize(WIDE);
}

suite("pages in a browser", () => {
  for (const [name, make] of Object.entries(PAGES).filter(([page]) => !LIKE_OTHERS.includes(page))) {
    test(`${name} is accessible in light and dark, fits a screen and a phone, prints, and asks for nothing`, async (t) => {
      const started = browserFor(t, browser);
      if (started === null) return;
      const { page, complaints } = await openPage(started, make(), { viewport: WIDE });
      if (LOOKED_AT_MORE.includes(name)) await takePictures(page, name);
      // What is on paper is folded here.
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      assert.equal(await page.evaluate(BACKGROUND), "rgb(255, 255, 255)");
      assert.equal(await page.evaluate(FOLDED), 0);
      await page.emulateMedia({ media: "screen", colorScheme: "light" });
      await unfold(page);
      assert.deepEqual(await accessibility(page, ALL_RULES), []);
      assert.deepEqual(await page.evaluate(BEYOND), []);
      await page.emulateMedia({ colorScheme: "dark" });
      assert.deepEqual(await accessibility(page, ["color-contrast"]), []);
      await page.setViewportSize(PHONE);
      assert.deepEqual(await page.evaluate(BEYOND), []);
      assert.equal(await page.evaluate("document.documentElement.scrollWidth"), PHONE.width);
      assert.deepEqual(complaints, []);
      await page.context().close();
    });
  }

  test("a script or style that got into a page all the same would do nothing", async (t) => {
    const started = browserFor(t, browser);
    if (started === null) return;
    const inserted = `<script>document.title = "run"</script><p id="p" style="color: #010203">x</p><style>p { color: #010203 }</style>`;
    const html = (PAGES["comparison-in-sync"]?.() ?? "").replace("<footer>", `${inserted}<footer>`);
    const { page, complaints } = await openPage(started, html, { viewport: WIDE });
    assert.match(await page.title(), /^IN-SYNC · mx1/);
    assert.notEqual(await page.evaluate("getComputedStyle(p).color"), "rgb(1, 2, 3)");
    assert.equal(complaints.filter((text) => /Content Security Policy/.test(text)).length, 3, complaints.join("\n"));
  });
});
