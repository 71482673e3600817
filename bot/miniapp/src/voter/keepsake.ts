/** What this phone keeps of the voter who is here, step by step; see store.ts for where. */

import { ProtocolError } from "../protocol/errors.ts";
import { Refusal } from "./server.ts";
import type { Kept, Store } from "./store.ts";

export class Keepsake {
  private key: string | null = null;
  private current: Kept | null = null;

  constructor(
    private readonly store: Store,
    private readonly uuid: string,
  ) {}

  /** Whether it outlives the page. */
  get lasting(): boolean {
    return this.store.lasting;
  }

  /** What is kept now; nothing before `open`. */
  get kept(): Readonly<Partial<Kept>> {
    return this.current ?? {};
  }

  /** The only voter of this session whom this phone knows, by the hash of the code; else null. */
  async onlyVoter(): Promise<string | null> {
    const keys = (await this.store.keys()).filter((key) => key.startsWith(this.uuid));
    return keys.length === 1 ? (keys[0] ?? "").slice(this.uuid.length + 1) : null;
  }

  /** The name under which a voter's things are kept. */
  keyOf(voter: string): string {
    return `${this.uuid}/${voter}`;
  }

  /** Finds what was kept of a voter. Throws bad_definition if it is of another definition. */
  async open(voter: string, phi: string): Promise<void> {
    this.key = this.keyOf(voter);
    this.current = (await this.store.get(this.key)) ?? { phi };
    if (this.current.phi !== phi) {
      throw new ProtocolError("bad_definition", "this phone was shown another definition (φ) before");
    }
  }

  /** Keeps more, and drops what is named. Throws a Refusal storage_full. */
  async keep(change: Partial<Kept>, ...dropped: readonly (keyof Omit<Kept, "phi">)[]): Promise<void> {
    if (this.key === null || this.current === null) throw new ProtocolError("incomplete", "no voter is known yet");
    const kept = { ...this.current, ...change };
    for (const name of dropped) delete kept[name];
    this.current = kept;
    try {
      await this.store.set(this.key, kept);
    } catch {
      throw new Refusal("storage_full", 507);
    }
  }
}
