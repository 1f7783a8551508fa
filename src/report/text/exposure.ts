import type { Summary } from "../../compare/variance.ts";
import { terminalText } from "../escape.ts";
import { counted, size } from "../figures.ts";
import type { Hosts } from "./hosts.ts";
import type { Page } from "./page.ts";

/** What would be lost with the primary; nothing where that is nothing. */
export function writeExposure(page: Page, { exposure }: Summary, hosts: Hosts): void {
  if (exposure === undefined || (exposure.messages === 0 && exposure.exact)) return;
  page.heading(`If ${hosts.primary} were lost now`);
  page.prose(`${exposure.exact ? "" : "at least "}${amount(exposure)}, of which ${hosts.replica} has no good copy`, 2);
  if (exposure.oldest !== null) page.prose(`the oldest since ${terminalText(exposure.oldest)}`, 2);
  if (exposure.betweenScans > 0) {
    page.prose(`${counted(exposure.betweenScans, "message")} of these came between the scans`, 2);
  }
}

function amount({ messages, bytes, users }: NonNullable<Summary["exposure"]>): string {
  return `${counted(messages, "message")}, ${size(bytes)}, of ${counted(users, "user")}`;
}
