/**
 * Who is here, for the registrar: by the letter's code, or by what Telegram signed.
 * The box never hears of any of this.
 */

import { parse } from "../protocol/ballot/codes.ts";
import * as flow from "./flow.ts";
import type { Arrival } from "./screen.ts";
import { Refusal } from "./server.ts";

export class Login {
  /** The letters of the letter's code; null until it was given. */
  code: string | null = null;
  /** What the registrar gave for the code; null before, and after it was refused. */
  bearer: string | null = null;
  private slot = ""; // in sessionStorage, so that a reload needs no second login

  constructor(private readonly arrival: Arrival) {}

  get channel(): "miniapp" | "browser" {
    return this.code === null && this.arrival.initData !== null ? "miniapp" : "browser";
  }

  /** Takes a code that somebody typed or scanned; returns its letters. Throws bad_code. */
  take(text: string): string {
    this.code = parse(text, this.arrival.uuid);
    this.bearer = null;
    return this.code;
  }

  /** Finds the bearer of this voter from before a reload. */
  restore(voter: string): void {
    this.slot = `phieukin.${voter}`;
    this.bearer = this.arrival.kiosk ? null : (tabStorage()?.getItem(this.slot) ?? null);
  }

  /** Logs in. Throws a Refusal enter_code where nothing says who is here. */
  async authenticate(): Promise<string> {
    const { uuid, initData, kiosk } = this.arrival;
    if (this.code !== null) this.bearer = await flow.login(uuid, { code: this.code });
    else if (initData) this.bearer = await flow.login(uuid, { init_data: initData });
    else throw new Refusal("enter_code", 401);
    if (!kiosk) remember(this.slot, this.bearer);
    return this.bearer;
  }

  /** The registrar does not take the bearer any more. */
  forget(): void {
    this.bearer = null;
    tabStorage()?.removeItem(this.slot);
  }
}

/** Null where the browser forbids it: with cookies blocked the name alone throws. */
function tabStorage(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

function remember(slot: string, bearer: string): void {
  try {
    tabStorage()?.setItem(slot, bearer);
  } catch {
    // Full: a reload needs a second login.
  }
}
