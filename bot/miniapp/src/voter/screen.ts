/** What the page can show, and how somebody came to it. */

import type { Prepared } from "./work.ts";

export type Step = "login" | "keep" | "token" | "mask" | "register";

export type Screen =
  | { readonly is: "loading" | "preparing" | "welcome" | "ready" | "fill" | "review" | "sending" }
  | { readonly is: "enter"; readonly wrong: string | null }
  | { readonly is: "collecting"; readonly step: Step }
  | { readonly is: "encrypting"; readonly done: number; readonly total: number }
  | { readonly is: "sealed" | "opened"; readonly prepared: Prepared }
  | { readonly is: "unsent"; readonly code: string }
  | { readonly is: "recorded"; readonly tracker: string; readonly promise: string }
  | { readonly is: "counted"; readonly tracker: string; readonly promise: string; readonly cast: number }
  /** `alarm`: the server showed something that is not so. `again`: may be tried again here. */
  | { readonly is: "stopped"; readonly code: string; readonly alarm: boolean; readonly again: boolean };

/** How somebody came here. */
export interface Arrival {
  readonly uuid: string;
  /** A code as it was typed or stands in the letter's link. */
  readonly code: string | null;
  /** φ as the letter says it. */
  readonly phi: string | null;
  readonly initData: string | null;
  readonly kiosk: boolean;
}
