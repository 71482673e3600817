/** Who may vote, and each ballot against all others (docs/protocol.md §5.3, §8.1). */

import type { Judged } from "../audit/judge.ts";
import { array, parseJson } from "../encoding/encoding.ts";
import { ProtocolError } from "../encoding/errors.ts";
import { element } from "../group/group.ts";

const LIMIT = 1 << 24; // bytes of an entry of the archive

/**
 * The registered credentials, in hex.
 *
 * @param ordered whether the list must be ascending: that of a stock election need not.
 * Throws bad_credentials: no elements, one twice, or another order or spelling.
 */
export function credentialsOf(raw: Uint8Array, ordered: boolean): readonly string[] {
  let credentials: string[];
  try {
    const members = array(parseJson(raw, "credentials", LIMIT), "credentials");
    credentials = members.map((member, i) => element(member, `credentials[${i}]`).hex);
  } catch (error) {
    throw error instanceof ProtocolError ? new ProtocolError("bad_credentials", error.message) : error;
  }
  if (new Set(credentials).size !== credentials.length) bad("one stands twice");
  if (ordered && credentials.some((credential, i) => i > 0 && credential < (credentials[i - 1] ?? ""))) {
    bad("not in ascending order");
  }
  return credentials;
}

function bad(detail: string): never {
  throw new ProtocolError("bad_credentials", `credentials: ${detail}`);
}

/** Sees each ballot once, in the order of the archive. */
export class Electorate {
  /** In order. */
  readonly trackers: string[] = [];
  readonly #registered: ReadonlySet<string>;
  readonly #voted = new Set<string>();
  readonly #pairs = new Set<string>();
  readonly #ordered: boolean;

  constructor(credentials: readonly string[], ordered: boolean) {
    this.#registered = new Set(credentials);
    this.#ordered = ordered;
  }

  /**
   * Throws bad_ballot: out of order; unknown_credential; second_ballot; repeated_ciphertext: a pair of
   * it stands in another.
   */
  take({ tracker, credential, pairs }: Judged): void {
    const name = `ballot ${this.trackers.length + 1}`;
    if (!this.#registered.has(credential)) {
      throw new ProtocolError("unknown_credential", `${name}: its credential is not registered`);
    }
    if (this.#voted.has(credential)) throw new ProtocolError("second_ballot", `${name}: its credential has voted`);
    for (const pair of pairs) this.#takePair(String.fromCharCode(...pair), name);
    if (this.#ordered && tracker <= (this.trackers.at(-1) ?? "")) {
      throw new ProtocolError("bad_ballot", `${name}: out of the order of trackers`);
    }
    this.#voted.add(credential);
    this.trackers.push(tracker);
  }

  #takePair(pair: string, name: string): void {
    if (this.#pairs.has(pair)) {
      throw new ProtocolError("repeated_ciphertext", `${name}: a ciphertext stands in another ballot, too`);
    }
    this.#pairs.add(pair);
  }
}
