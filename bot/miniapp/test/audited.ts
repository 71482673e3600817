/** The page's audit of a file, for tests that compare it with Python's. */

import { openAsBlob } from "node:fs";
import { type AuditRequest, audit, type Report, type Scope } from "../src/protocol/audit/audit.ts";
import { Alone, type Judge, type Judged } from "../src/protocol/audit/judge.ts";
import { sha256, utf8 } from "../src/protocol/encoding/encoding.ts";
import type { Element } from "../src/protocol/group/group.ts";
import { Products } from "../src/protocol/results/tally.ts";
import type { Election } from "../src/protocol/session/session.ts";

type Options = Readonly<Record<string, string>>;

/**
 * Makes all checks of the record at `path`.
 *
 * `scope`, `fingerprint`, `closed` ("yes") and `auditors`, a path, are those of the request, `promises` a
 * JSON list of notes.
 */
export async function audited(options: Options): Promise<Omit<Report, "election" | "session" | "tally" | "closed">> {
  const checks = audit(await requestOf(options), (election) => new Remembering(election));
  for (;;) {
    const step = await checks.next();
    if (step.done !== true) continue;
    const { election: _, session: __, tally: ___, closed: ____, ...report } = step.value;
    return report;
  }
}

async function requestOf({
  path = "",
  scope,
  fingerprint,
  closed,
  auditors,
  promises = "[]",
}: Options): Promise<AuditRequest> {
  return {
    record: await openAsBlob(path),
    ...(scope === undefined ? {} : { scope: scope as Scope }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(auditors === undefined ? {} : { auditors: await openAsBlob(auditors) }),
    promises: (JSON.parse(promises) as string[]).map(utf8),
    closed: closed === "yes",
  };
}

/** Judges the same bytes once: most records of the tests differ from another in one file. */
class Remembering implements Judge {
  readonly width = 1;
  static readonly #judged = new Map<string, Promise<readonly [Judged, readonly Element[]]>>();
  readonly #election: Election;
  readonly #products: Products;

  constructor(election: Election) {
    this.#election = election;
    this.#products = new Products(election);
  }

  async judge(raw: Uint8Array): Promise<Judged> {
    const name = this.#election.phi + sha256(raw);
    const known = Remembering.#judged.get(name) ?? this.#first(raw);
    Remembering.#judged.set(name, known);
    const [judged, elements] = await known;
    this.#products.take(elements);
    return judged;
  }

  async #first(raw: Uint8Array): Promise<readonly [Judged, readonly Element[]]> {
    const alone = new Alone(this.#election);
    return [await alone.judge(raw), await alone.products()];
  }

  async products(): Promise<readonly Element[]> {
    return this.#products.all();
  }

  close(): void {}
}
