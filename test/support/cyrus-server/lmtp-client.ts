import { LineConnection } from "./line-connection.ts";

/** One message for one or several users. Cyrus stores one file for all of them and links it (`singleinstancestore`). */
export interface Delivery {
  readonly to: readonly string[];
  readonly message: Buffer;
}

/** Delivers messages over LMTP (RFC 2033). Throws if any recipient is refused. */
export async function deliver(port: number, deliveries: readonly Delivery[]): Promise<void> {
  const connection = new LineConnection(port);
  const expect = async (digit: string) => {
    let line = await connection.line();
    while (line[3] === "-") line = await connection.line();
    if (line[0] !== digit) throw new Error(`Cannot deliver over LMTP: ${line}`);
  };
  const say = async (line: string, digit: string) => {
    connection.write(`${line}\r\n`);
    await expect(digit);
  };
  try {
    await expect("2");
    await say("LHLO client.test", "2");
    for (const { to, message } of deliveries) {
      await say("MAIL FROM:<sender@partner.test>", "2");
      for (const user of to) await say(`RCPT TO:<${user}>`, "2");
      await say("DATA", "3");
      connection.write(`${message.toString("latin1").replaceAll(/^\./gm, "..")}\r\n.\r\n`);
      for (const _ of to) await expect("2"); // LMTP answers once for each recipient
    }
    await say("QUIT", "2");
  } finally {
    connection.close();
  }
}
