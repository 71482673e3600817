/** What the page asks for and is answered: everything slow, in a worker where there is one. */

import type { Question } from "../protocol/session/session.ts";

/** A definition that the page has checked, as far as ballots depend on it. */
export interface Definition {
  readonly uuid: string;
  readonly phi: string;
  /** In hex. */
  readonly publicKey: string;
  readonly questions: readonly Question[];
}

export type Task =
  /** Makes the tables of powers. */
  | { readonly do: "warm"; readonly election: Definition }
  /** Makes what of a ballot depends on no choice. */
  | { readonly do: "lay"; readonly election: Definition }
  | {
      readonly do: "prepare";
      readonly election: Definition;
      readonly secret: string;
      readonly choices: readonly (number | null)[];
    }
  | { readonly do: "check"; readonly election: Definition; readonly ballot: Uint8Array; readonly opening: Uint8Array };

export type Answer =
  | { readonly is: "progress"; readonly done: number }
  | {
      readonly is: "prepared";
      readonly ballot: Uint8Array<ArrayBuffer>;
      readonly tracker: string;
      readonly opening: Uint8Array<ArrayBuffer>;
    }
  | { readonly is: "checked"; readonly tracker: string; readonly choices: readonly (number | null)[] }
  /** `code`: of a ProtocolError; null where the browser failed. */
  | { readonly is: "failed"; readonly code: string | null; readonly detail: string };

export type Prepared = Extract<Answer, { is: "prepared" }>;
export type Checked = Extract<Answer, { is: "checked" }>;
