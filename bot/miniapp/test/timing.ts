/** What an audit of the page takes in node: seconds of each check, on a number of workers, and memory. Ends with 1 unless the record holds. */

import { openAsBlob } from "node:fs";
import { Worker } from "node:worker_threads";
import { audit } from "../src/protocol/audit/audit.ts";
import { workers } from "../src/protocol/audit/pool.ts";

/** A worker of node with the face of a browser's. */
function nodeWorker(): globalThis.Worker {
  const worker = new Worker(new URL("./judging_node.js", import.meta.url));
  const face = {
    onmessage: (_: { data: unknown }): void => {},
    onerror: (_: { message: string }): void => {},
    postMessage: (message: unknown) => worker.postMessage(message),
    terminate: () => worker.terminate(),
  };
  worker.on("message", (data) => face.onmessage({ data }));
  worker.on("error", ({ message }) => face.onerror({ message }));
  return face as unknown as globalThis.Worker;
}

const [path = "", cores = "0"] = process.argv.slice(2);
const times: Record<string, number> = {};
const judges = cores === "0" ? undefined : workers(nodeWorker, Number(cores));
const checks = audit({ record: await openAsBlob(path) }, judges);
let began = performance.now();
let memory = 0;
for (;;) {
  const { done, value } = await checks.next();
  memory = Math.max(memory, process.memoryUsage().rss);
  if (done) {
    const cpu = process.cpuUsage();
    const report = { verdict: value.verdict, cpu: (cpu.user + cpu.system) / 1e6, rss: memory >> 20, times };
    process.stdout.write(`${JSON.stringify(report)}\n`);
    process.exitCode = value.verdict === "holds" ? 0 : 1;
    break;
  }
  if (value.state === "running") continue;
  times[value.id] = Math.round(performance.now() - began) / 1000;
  began = performance.now();
}
