/** A real browser that tests look at pages with: Debian's Chromium, which `.ci/install-packages` gets. */
import { existsSync, mkdirSync } from "node:fs";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { skipHere } from "./skip-here.ts";

const CHROMIUM = "/usr/bin/chromium";

/** Quiet, and without a sandbox: root has none, and the pages are ours. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the browser; null where there is none. */
export async function startBrowser(): Promise<Browser | null> {
  return existsSync(CHROMIUM) ? chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS, timeout: 60_000 }) : null;
}

/** The browser, or null after the test has been skipped for want of it. */
export function browserFor(context: TestContext, browser: Browser | null): Browser | null {
  if (browser === null) skipHere(context, `there is no ${CHROMIUM}; .ci/install-packages gets it`);
  return browser;
}

/** Where a picture of this name goes, for people to look at. */
export function picturePath(name: string): string {
  const folder = fileURLToPath(new URL("../../test-output/html/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  return `${folder}${name}`;
}
