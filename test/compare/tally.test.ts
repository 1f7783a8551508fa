import assert from "node:assert/strict";
import { test } from "node:test";
import { Tally } from "../../src/compare/tally.ts";
import { variance } from "../support/findings.ts";

test("Tally.add() counts the messages of a lost mailbox among all that there are", () => {
  const tally = new Tally(86_400);
  tally.messages.compared = 10;
  tally.add(variance({ class: "mailbox-missing", messages: 1000 }));
  tally.add(variance({ class: "mailbox-recreated", messages: 5 }));
  tally.add(variance({ class: "message-missing", subject: { uid: 7 } }));
  assert.deepEqual(tally.messages, { compared: 1015, differing: 1006 });
});
