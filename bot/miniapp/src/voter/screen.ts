/** What the page can show, and how somebody came to it. */

import type { About } from "../shared/about.ts";
import type { SessionNow } from "../shared/live.ts";
import type { Asking, DossierFile, Listed, Session } from "./flow.ts";
import type { Prepared } from "./work.ts";

export type Step = "login" | "keep" | "token" | "mask" | "register";

/** Nothing to do but wait. */
export type WaitScreen =
  | { readonly is: "loading" | "preparing" | "sending" }
  | { readonly is: "encrypting"; readonly done: number; readonly total: number };

export type Wrong = "code" | "backup" | "link";

export type Screen =
  | WaitScreen
  | { readonly is: "welcome" | "ready" | "sealing" | "fill" | "review" }
  /** A group of the session code, from 0, is asked for; `wrong` times it was another. */
  | { readonly is: "compare"; readonly group: number; readonly wrong: number }
  /** `wrong`: what was typed instead of the letter's code, or whether the letter's link is damaged. */
  | { readonly is: "enter"; readonly wrong: Wrong | null }
  /** The ballot is another device's. `wrong`: what was typed instead of its backup code. */
  | { readonly is: "restore"; readonly wrong: "code" | "letter" | null }
  | { readonly is: "collecting"; readonly step: Step }
  | { readonly is: "sealed" | "opened"; readonly prepared: Prepared }
  | { readonly is: "unsent"; readonly code: string }
  /** `listed`: whether this device has found the ballot on the list of the close. */
  | { readonly is: "recorded"; readonly tracker: string; readonly promise: string; readonly listed: boolean }
  | ({ readonly is: "counted"; readonly promise: string } & Listed)
  /** `alarm`: the server showed something that is not so. `again`: may be tried again here. */
  | { readonly is: "stopped"; readonly code: string; readonly alarm: boolean; readonly again: boolean };

const PASSING: ReadonlySet<string> = new Set(["uncollected", "registration_ended"]);

/** Whether a screen stays when the session moves on: what was typed, and alarms but the one before the seal. */
export function stays(screen: Screen): boolean {
  if (screen.is !== "stopped") return ["enter", "loading"].includes(screen.is);
  return screen.alarm ? screen.code !== "missing" : !screen.again && !PASSING.has(screen.code);
}

/** The number of a level, from 0; null for a line that is not marked. */
export type Mark = number | null;

/** Everything that the screens draw from. */
export interface View {
  readonly screen: Screen;
  /** State and counts as the server last told them. */
  readonly now: SessionNow | null;
  /** The checked definition. */
  readonly session: Session | null;
  /** What the organiser says beside the definition, once it is here. */
  readonly about: About | null;
  /** By official, in the order of the ballot. */
  readonly marks: readonly Mark[];
  /** The files about the officials that this voter may read. */
  readonly files: readonly DossierFile[];
  /** Whether questions are taken; null where that is not known. */
  readonly asking: Asking | null;
  /** Whether this device has shown the registrar who is here. */
  readonly loggedIn: boolean;
  /** The backup code, once what it opens is with the registrar. */
  readonly backup: string | null;
  /** Whether the backup code, or the offer of one, lies over the screen. */
  readonly backingUp: boolean;
  /** Whether the phone's storage has not taken the promise. */
  readonly unkept: boolean;
  /** Whether another tab of this phone has sent the ballot. */
  readonly otherTab: boolean;
  /** Whether the guidance lies over the screen. */
  readonly reading: boolean;
  /** While the way to the server is bad: how often it failed. */
  readonly failures: number;
  /** Of the ballot in the box's line, if that has told it. */
  readonly place: number | null;
}

/** How somebody came here. */
export interface Arrival {
  readonly uuid: string;
  /** A code as it was typed or stands in the letter's link. */
  readonly code: string | null;
  /** The session code as the letter says it. */
  readonly sessionCode: string | null;
  readonly initData: string | null;
  readonly kiosk: boolean;
}

/** Before anything has come from the server or the storage. */
export const FIRST_VIEW: View = {
  screen: { is: "loading" },
  now: null,
  session: null,
  about: null,
  marks: [],
  files: [],
  asking: null,
  loggedIn: false,
  backup: null,
  backingUp: false,
  unkept: false,
  otherTab: false,
  reading: false,
  failures: 0,
  place: null,
};
