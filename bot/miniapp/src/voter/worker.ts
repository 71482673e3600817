/** Encrypts and checks ballots, so that the page stays alive meanwhile. */

import type { Task } from "./work.ts";
import { Workbench } from "./workbench.ts";

const bench = new Workbench((answer) => self.postMessage(answer));

self.onmessage = (event: MessageEvent<Task>) => void bench.take(event.data);
