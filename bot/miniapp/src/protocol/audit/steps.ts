/** One numbered check after the other, each of which tells how far it is (docs/protocol.md §9.1). */

import { type Code, ProtocolError } from "../encoding/errors.ts";

/** The numbered checks, in their order. */
export const CHECKS = [
  ["0", "container"],
  ["1", "archive"],
  ["2", "definition"],
  ["3", "trustees"],
  ["4", "credentials"],
  ["5", "ballots"],
  ["6", "tally"],
  ["7", "enough"],
  ["8", "shares"],
  ["18", "statements"],
  ["9", "result"],
  ["c", "promises"],
  ["b", "belenios"],
  ["0", "manifest"],
  ["10", "session"],
  ["11", "tokens"],
  ["12", "ceremony"],
  ["13", "counts"],
  ["14", "checkpoints"],
  ["15", "definition_signed"],
  ["16", "opening_signed"],
  ["17", "closing_signed"],
  ["a", "fingerprint"],
  ["19", "levels"],
  ["20", "results"],
  ["21", "auditor"],
] as const;

export type CheckId = (typeof CHECKS)[number][1];

/** `missing`: nothing is wrong, but the record does not have what the check is about. */
export type CheckState = "running" | "holds" | "fails" | "missing" | "not asked";

/** Where a check stands. */
export interface Check {
  readonly no: string;
  readonly id: CheckId;
  readonly state: CheckState;
  /** Of a check that fails, or for which something is missing. */
  readonly code?: Code | (string & {});
  /** English, for experts: what is wrong, and where. */
  readonly detail?: string;
  /** Of a long check that is running: bytes, ballots or tokens. */
  readonly done?: number;
  readonly total?: number;
}

/** Ends an audit at a check that did not hold. */
export class Ended extends Error {
  override readonly name = "Ended";
  readonly check: Check;

  constructor(check: Check) {
    super(check.detail ?? check.id);
    this.check = check;
  }
}

/** How a check tells how far it is. Throws where nobody listens any more. */
export type Tell = (done: number, total: number) => void;

/** A check that is not made, and why. */
export function unmade(id: CheckId, state: "missing" | "not asked"): Check {
  return { no: numberOf(id), id, state };
}

/**
 * Makes one check, and yields where it stands. Returns what it found out.
 *
 * Throws Ended after the yield of a check that does not hold.
 */
export async function* step<T>(id: CheckId, run: (tell: Tell) => T | Promise<T>): AsyncGenerator<Check, T> {
  const named = { no: numberOf(id), id };
  yield { ...named, state: "running" };
  const progress = new Progress();
  const work = ran(() => run((done, total) => progress.tell(done, total))).finally(() => progress.end());
  try {
    for await (const [done, total] of progress.heard()) yield { ...named, state: "running", done, total };
  } finally {
    progress.end();
  }
  const outcome = await work;
  if (outcome instanceof ProtocolError) {
    const state = outcome.code === "incomplete" ? "missing" : "fails";
    const check: Check = { ...named, state, code: outcome.code, detail: outcome.message };
    yield check;
    throw new Ended(check);
  }
  yield { ...named, state: "holds" };
  return outcome.value;
}

/** What it returns, or the ProtocolError that it throws. */
async function ran<T>(run: () => T | Promise<T>): Promise<{ readonly value: T } | ProtocolError> {
  try {
    return { value: await run() };
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
}

/** What was told last, for whoever asks when they have time. */
class Progress {
  #latest: readonly [number, number] | null = null;
  #ended = false;
  #wake = (): void => {};

  tell(done: number, total: number): void {
    if (this.#ended) throw new Error("the audit was given up");
    this.#latest = [done, total];
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *heard(): AsyncGenerator<readonly [number, number]> {
    while (!this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (this.#latest !== null || this.#ended) resolve();
      });
      const latest = this.#latest;
      this.#latest = null;
      if (latest !== null && !this.#ended) yield latest;
    }
  }
}

function numberOf(id: CheckId): string {
  return CHECKS.find(([, name]) => name === id)?.[0] ?? "";
}
