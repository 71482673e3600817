/**
 * Ballots judged on all cores: a worker for each (docs/protocol.md §5.3). Where a browser has none, or
 * does not start them, the thread that asks judges them itself.
 */

import { ProtocolError } from "../encoding/errors.ts";
import { type Element, element } from "../group/group.ts";
import { Products } from "../results/tally.ts";
import type { Election } from "../session/session.ts";
import { Alone, type Judge, type Judged } from "./judge.ts";

/** What a worker is told: first the definition, then ballots, at last that the products are asked for. */
export type Order =
  | { readonly order: "election"; readonly raw: Uint8Array }
  | { readonly order: "ballot"; readonly number: number; readonly raw: Uint8Array }
  | { readonly order: "products" };

/** What it answers. */
export type Answer =
  | { readonly answer: "ready" }
  | { readonly answer: "judged"; readonly number: number; readonly judged: Judged }
  | { readonly answer: "refused"; readonly number: number; readonly code: string; readonly detail: string }
  | { readonly answer: "products"; readonly products: readonly string[] };

const SILENCE = 8_000; // milliseconds until a worker has started
const AHEAD = 2; // ballots given to a worker, so that it never waits for the next

/** As many workers as there are cores. */
export function workers(make: () => Worker, cores = globalThis.navigator?.hardwareConcurrency ?? 1) {
  return (election: Election): Judge => new Pool(election, make, cores);
}

class Pool implements Judge {
  readonly width: number;
  readonly #election: Election;
  readonly #members: readonly Member[];
  readonly #started: Promise<readonly Member[]>;
  readonly #alone: Alone;

  constructor(election: Election, make: () => Worker, cores: number) {
    this.#election = election;
    this.#alone = new Alone(election);
    this.width = AHEAD * cores;
    this.#members = Array.from({ length: cores }, () => memberOf(make)).filter((member) => member !== null);
    this.#started = this.#start();
  }

  async #start(): Promise<readonly Member[]> {
    const started = await Promise.all(this.#members.map((member) => member.start(this.#election)));
    return this.#members.filter((_, i) => started[i]);
  }

  async judge(raw: Uint8Array): Promise<Judged> {
    const [first, ...others] = await this.#started;
    if (first === undefined) return this.#alone.judge(raw);
    const idlest = others.reduce((idle, member) => (member.waiting < idle.waiting ? member : idle), first);
    return idlest.judge(raw);
  }

  async products(): Promise<readonly Element[]> {
    const all = new Products(this.#election);
    all.take(await this.#alone.products());
    for (const member of await this.#started) all.take(await member.products());
    return all.all();
  }

  close(): void {
    for (const member of this.#members) member.close();
  }
}

function memberOf(make: () => Worker): Member | null {
  try {
    return new Member(make());
  } catch {
    return null;
  }
}

/** Who waits for an answer. */
interface Waiting<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}

/** A worker and who waits for it. */
class Member {
  readonly #worker: Worker;
  readonly #judging = new Map<number, Waiting<Judged>>();
  #starting = (_: boolean): void => {};
  #asking: Waiting<readonly Element[]> | null = null;
  #given = 0;
  #broken: Error | null = null;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = (event: MessageEvent<Answer>) => this.#hear(event.data);
    worker.onerror = (event) => {
      event.preventDefault?.();
      this.#fail(new Error(`a worker ended: ${event.message ?? ""}`));
    };
  }

  /** How many ballots it was given and has not judged. */
  get waiting(): number {
    return this.#judging.size;
  }

  /** Whether it works. */
  start({ raw }: Election): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#fail(new Error("a worker does not start")), SILENCE);
      this.#starting = (started) => {
        clearTimeout(timer);
        resolve(started);
      };
      this.#tell({ order: "election", raw });
    });
  }

  judge(raw: Uint8Array): Promise<Judged> {
    return new Promise((resolve, reject) => {
      if (this.#broken) return reject(this.#broken);
      this.#given += 1;
      this.#judging.set(this.#given, { resolve, reject });
      this.#tell({ order: "ballot", number: this.#given, raw });
    });
  }

  products(): Promise<readonly Element[]> {
    return new Promise((resolve, reject) => {
      if (this.#broken) return reject(this.#broken);
      this.#asking = { resolve, reject };
      this.#tell({ order: "products" });
    });
  }

  close(): void {
    this.#worker.terminate();
  }

  #tell(order: Order): void {
    this.#worker.postMessage(order);
  }

  #hear(answer: Answer): void {
    if (answer.answer === "ready") this.#starting(true);
    else if (answer.answer === "products") {
      this.#asking?.resolve(answer.products.map((hex) => element(hex, "product", true)));
    } else {
      const waiting = this.#judging.get(answer.number);
      this.#judging.delete(answer.number);
      if (answer.answer === "judged") waiting?.resolve(answer.judged);
      else waiting?.reject(new ProtocolError(answer.code, answer.detail));
    }
  }

  /** Before it has started it is done without; afterwards the products of its ballots are lost with it. */
  #fail(error: Error): void {
    this.#broken = error;
    this.#starting(false);
    this.#asking?.reject(error);
    for (const waiting of this.#judging.values()) waiting.reject(error);
    this.#judging.clear();
  }
}
