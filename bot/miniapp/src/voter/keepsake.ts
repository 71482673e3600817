/** What this phone keeps of the voter who is here, step by step; see store.ts for where. */

import { ProtocolError } from "../protocol/encoding/errors.ts";
import { note, noted, settle } from "./journal.ts";
import type { Mark } from "./screen.ts";
import { Refusal } from "./server.ts";
import type { Kept, Store } from "./store.ts";

type Dropped = keyof Omit<Kept, "phi">;

/** More that is kept, and what is dropped. */
interface Change {
  readonly more: Partial<Kept>;
  readonly dropped: readonly Dropped[];
}

const NOTHING: Change = { more: {}, dropped: [] };

/** What a ballot that is recorded leaves nothing of on the phone. */
export const SPENT = [
  "secrets",
  "backup",
  "backedUp",
  "token",
  "registered",
  "draft",
  "ballot",
  "guided",
  "compared",
] as const;

export class Keepsake {
  private key: string | null = null;
  private current: Kept | null = null;
  /** What the storage has not taken yet. */
  private unsaved = NOTHING;
  private unread = false;

  constructor(
    private readonly store: Store,
    private readonly uuid: string,
  ) {}

  /** Whether it outlives the page, as far as the storage has answered. */
  get lasting(): boolean {
    return this.store.lasting && !this.unread && this.unsaved === NOTHING;
  }

  /** What is kept now; nothing before `open`. */
  get kept(): Readonly<Partial<Kept>> {
    return this.current ?? {};
  }

  /** The only voter of this session whom this phone knows, by the hash of the code; else null. */
  async onlyVoter(): Promise<string | null> {
    const all = await this.store.keys().catch(() => []);
    const keys = all.filter((key) => key.startsWith(this.uuid));
    return keys.length === 1 ? (keys[0] ?? "").slice(this.uuid.length + 1) : null;
  }

  /** The name under which a voter's things are kept. */
  keyOf(voter: string): string {
    return `${this.uuid}/${voter}`;
  }

  /** Finds what was kept of a voter. Throws bad_definition if it is of another definition. */
  async open(voter: string, phi: string): Promise<void> {
    this.key = this.keyOf(voter);
    this.current = { phi };
    await this.refresh();
    if (this.kept.phi !== phi) {
      throw new ProtocolError("bad_definition", "this phone was shown another definition (φ) before");
    }
    const draft = noted(this.key);
    if (draft === null) return;
    if (this.kept.ballot === undefined && this.kept.promise === undefined) await this.keepMarks(draft);
    else settle(this.key);
  }

  /** Keeps the marks of a tap before it returns: the page may be gone before the storage has answered. */
  async keepMarks(draft: readonly Mark[]): Promise<void> {
    const [key] = this.place();
    const text = this.store.lasting ? note(key, draft) : "";
    if (await this.keep({ draft })) settle(key, text);
  }

  /** Looks what another tab has kept meanwhile. */
  async refresh(): Promise<void> {
    if (this.key === null) return;
    try {
      const stored = await this.store.get(this.key);
      this.current = stored === null ? this.current : merged(stored, this.unsaved);
      this.unread = false;
    } catch {
      this.unread = true;
    }
  }

  /**
   * Keeps more, and drops what is named; whether the storage took it. What it did not take is known to
   * this page all the same, and goes with what is kept next.
   */
  async keep(more: Partial<Kept>, ...dropped: readonly Dropped[]): Promise<boolean> {
    const [key, before] = this.place();
    const change = both(this.unsaved, { more, dropped });
    const after = merged(before, change);
    this.current = after;
    this.unsaved = change;
    if (dropped.includes("draft")) settle(key);
    try {
      await this.write(key, (stored) => merged(stored ?? after, change));
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Keeps what nothing may go on without, unless another tab of this phone has kept such a thing
   * first: then that one stands. Throws a Refusal storage_full.
   */
  async keepFirst(name: "secrets" | "ballot", more: Partial<Kept>, ...dropped: readonly Dropped[]): Promise<void> {
    const [key, before] = this.place();
    const change = both(this.unsaved, { more, dropped });
    try {
      await this.write(key, (stored) => {
        const kept = stored ?? before;
        return kept[name] === undefined ? merged(kept, change) : kept;
      });
      if (dropped.includes("draft")) settle(key);
    } catch {
      throw new Refusal("storage_full", 507);
    }
  }

  private async write(key: string, change: (stored: Kept | null) => Kept): Promise<void> {
    this.current = await this.store.update(key, change);
    this.unsaved = NOTHING;
    this.unread = false;
  }

  private place(): [string, Kept] {
    if (this.key === null || this.current === null) throw new ProtocolError("incomplete", "no voter is known yet");
    return [this.key, this.current];
  }
}

/** One change after the other. */
function both(first: Change, second: Change): Change {
  const more = { ...first.more, ...second.more };
  for (const name of second.dropped) delete more[name];
  return { more, dropped: [...first.dropped, ...second.dropped].filter((name) => more[name] === undefined) };
}

/** A ballot that is recorded stays so, whatever another tab still keeps. */
function merged(kept: Kept, { more, dropped }: Change): Kept {
  if (kept.promise !== undefined) return kept;
  const after = { ...kept, ...more };
  for (const name of dropped) delete after[name];
  return after;
}
