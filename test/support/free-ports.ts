import { createServer } from "node:net";

/** Outgoing connections take their ports from 32768 up, so that none of them can take one of these meanwhile. */
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;

/**
 * Finds TCP ports that nothing listens on at 127.0.0.1. The start is random, since several test processes look at
 * once; between this and their use somebody may still take one, which the server's start then reports.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  for (let attempt = 0; attempt < 200 && ports.length < count; attempt++) {
    const port = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT));
    if (!ports.includes(port) && (await isFree(port))) ports.push(port);
  }
  if (ports.length < count) throw new Error(`Cannot find ${count} free ports from ${LOWEST_PORT} to ${HIGHEST_PORT}`);
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1" }, () => server.close(() => resolve(true)));
  });
}
