/** Who carries between a trustee and the server of its session: the network, or people with files. */

import type { Bytes } from "../../../protocol/encoding/encoding.ts";
import type { Kind, View } from "../view.ts";

/** What a trustee leaves: its messages, and that its key made a trial share. */
export type Left = Kind | "checked";

/** Nothing that comes this way is checked here beyond its form. */
export interface Courier {
  readonly uuid: string;
  /** Whether asking again may give more. */
  readonly live: boolean;
  /** What the server shows. Throws a Fault; malformed. */
  look(): Promise<View>;
  /** Leaves a message; the same again changes nothing. */
  put(kind: Left, message: Bytes): Promise<void>;
  checkpoints(): Promise<Bytes>;
  /** The list of credentials, as an archive holds it. */
  credentials(): Promise<Bytes>;
  /** The archive of the closed session. Throws a Fault too_large: no such archive can be. */
  record(limit: number): Promise<Blob>;
}
