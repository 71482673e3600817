/** What this voter may read about the officials, and ask them, as far as this device is logged in. */

import * as flow from "./flow.ts";
import { Refusal } from "./server.ts";

export class Dossier {
  papers: readonly flow.Paper[] = [];
  /** Whether questions are taken; null where that is not known. */
  asking: flow.Asking | null = null;
  private bearer: string | null = null;

  constructor(private readonly told: () => void) {}

  /** Whether this device has shown who is here. */
  get known(): boolean {
    return this.bearer !== null;
  }

  /** Looks what there is for this bearer. */
  async look(bearer: string | null): Promise<void> {
    this.bearer = bearer;
    if (bearer === null) return;
    this.papers = await flow.papers(bearer).catch(() => []);
    this.asking = await flow.asking(bearer).catch(() => null);
    this.told();
  }

  /** A paper about an official; null if it cannot be had now. */
  async read(paper: flow.Paper): Promise<Blob | null> {
    return this.bearer === null ? null : flow.paper(this.bearer, paper.name).catch(() => null);
  }

  /** Sends a question to the official with this number; null if it was kept, else why not. */
  async ask(session: flow.Session | null, official: number, text: string): Promise<string | null> {
    if (this.bearer === null || session === null) return "failed";
    try {
      this.asking = await flow.question(session, this.bearer, official, text);
      return null;
    } catch (error) {
      return error instanceof Refusal ? error.code : "failed";
    } finally {
      this.told();
    }
  }
}
