/** What this voter may read about the officials, and ask them, as far as this device is logged in. */

import * as flow from "./flow.ts";
import type { Login } from "./login.ts";
import type { View } from "./screen.ts";
import { Refusal } from "./server.ts";

export class Dossier {
  constructor(
    private readonly login: Login,
    private readonly show: (change: Partial<View>) => void,
  ) {}

  /** Looks what there is for who is logged in. */
  async look(): Promise<void> {
    const bearer = this.login.bearer;
    if (bearer === null) return;
    const files = await flow.files(bearer).catch(() => []);
    const asking = await flow.asking(bearer).catch(() => null);
    this.show({ files, asking });
  }

  /** The contents of a file; null if they cannot be had now. */
  async read(file: flow.DossierFile): Promise<Blob | null> {
    const bearer = this.login.bearer;
    return bearer === null ? null : flow.contents(bearer, file.name).catch(() => null);
  }

  /** Sends a question to the official with this number; null if it was kept, else why not. */
  async ask(session: flow.Session | null, official: number, text: string): Promise<string | null> {
    const bearer = this.login.bearer;
    if (bearer === null || session === null) return "failed";
    try {
      this.show({ asking: await flow.question(session, bearer, official, text) });
      return null;
    } catch (error) {
      return error instanceof Refusal ? error.code : "failed";
    }
  }
}
