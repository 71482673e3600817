/** judging.ts in a worker of node: the names that a browser's worker has. */

import { parentPort } from "node:worker_threads";

const port = parentPort;
if (port === null) throw new Error("this is a worker's script");
const self = {
  onmessage: (_: { data: unknown }): void => {},
  postMessage: (message: unknown) => port.postMessage(message),
};
Object.assign(globalThis, { self });
await import("../src/protocol/audit/judging.ts");
port.on("message", (data) => self.onmessage({ data }));
