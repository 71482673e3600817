/** What the worker is asked and answers: everything slow, away from the page. */

export type Task =
  | { readonly do: "warm"; readonly election: Uint8Array }
  | {
      readonly do: "prepare";
      readonly election: Uint8Array;
      readonly secret: string;
      readonly choices: readonly (number | null)[];
    }
  | { readonly do: "check"; readonly election: Uint8Array; readonly ballot: Uint8Array; readonly opening: Uint8Array };

export type Answer =
  | { readonly is: "progress"; readonly done: number; readonly total: number }
  | {
      readonly is: "prepared";
      readonly ballot: Uint8Array<ArrayBuffer>;
      readonly tracker: string;
      readonly opening: Uint8Array<ArrayBuffer>;
    }
  | { readonly is: "checked"; readonly tracker: string; readonly choices: readonly (number | null)[] }
  | { readonly is: "failed"; readonly code: string; readonly detail: string };

export type Prepared = Extract<Answer, { is: "prepared" }>;
export type Checked = Extract<Answer, { is: "checked" }>;
