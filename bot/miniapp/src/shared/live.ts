/** A session as it changes: by server-sent events, else by asking again and again. */

import type { Moment } from "../protocol/session/committee.ts";
import type { State } from "../protocol/session/lifecycle.ts";
import { between } from "./chance.ts";
import { timeLimit } from "./limit.ts";

const TIMEOUT = 30_000; // milliseconds
const ASK_SECONDS = 4; // between two questions where events do not come through
const SILENCE_SECONDS = 40; // the server's heart beats every 15

export interface Counts {
  readonly roster: number | null;
  readonly present: number | null;
  readonly issued: number | null;
  readonly registered: number | null;
  readonly cast: number | null;
}

/** For whose signatures everybody waits: of `size` trustees `needed` must sign, `signed` have. */
export interface Awaited {
  readonly moment: Moment;
  readonly signed: number;
  readonly needed: number;
  readonly size: number;
}

export interface SessionNow {
  readonly state: State;
  readonly counts: Counts;
  /** When voting ends, in Unix seconds; null while that is not settled. */
  readonly closes: number | null;
  /** Whether paper is the only way of voting: no election, no tokens. */
  readonly on_paper: boolean;
  /** Null while nobody is waited for. */
  readonly waiting: Awaited | null;
  /** Whose clock times are told by; null where the server has only the box. */
  readonly zone: string | null;
}

/** What a session's screens depend on, but for counts and times. */
export function stageOf({ state, waiting }: SessionNow): string {
  return waiting === null ? state : `${state} ${waiting.moment} ${waiting.signed}`;
}

export interface SessionText extends SessionNow {
  /** The exact text of election.json; null before the seal. */
  readonly election: string | null;
}

let ahead = 0; // seconds of the server's clock beyond this device's

/** Unix seconds by the server's clock: phones may be minutes wrong. */
export function serverNow(): number {
  return Date.now() / 1000 + ahead;
}

/** The session now. Null if the server does not know it; throws if it cannot be asked. */
export async function fetchSession(uuid: string): Promise<SessionText | null> {
  const sent = Date.now();
  const response = await fetch(`/api/v1/sessions/${uuid}`, {
    credentials: "omit",
    referrerPolicy: "no-referrer",
    cache: "no-store",
    signal: timeLimit(TIMEOUT),
  });
  const date = Date.parse(response.headers.get("date") ?? "");
  if (!Number.isNaN(date)) ahead = (date + 500 - (sent + Date.now()) / 2) / 1000;
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`the server answers ${response.status}`);
  return (await response.json()) as SessionText;
}

/**
 * Tells each change of a session until it is called off.
 *
 * @param listener hears the session, and again when anything changes.
 * @param trouble hears whether the server cannot be reached.
 */
export function follow(
  uuid: string,
  listener: (now: SessionNow) => void,
  trouble: (failing: boolean) => void,
): () => void {
  let source: EventSource | null = null;
  let heard = Date.now();
  let last = "";
  let over = false;

  const tell = (now: SessionNow): void => {
    heard = Date.now();
    trouble(false);
    const digest = JSON.stringify([now.state, now.counts, now.closes, now.waiting]);
    if (digest === last) return;
    last = digest;
    listener(now);
  };
  const connect = (): void => {
    source?.close();
    source = new EventSource(`/api/v1/sessions/${uuid}/events`);
    source.addEventListener("session", (event) => tell(JSON.parse(event.data as string) as SessionNow));
  };
  const look = async (): Promise<void> => {
    const silent = (Date.now() - heard) / 1000 > SILENCE_SECONDS;
    const broken = source === null || source.readyState !== EventSource.OPEN;
    if (over || document.hidden || !(silent || broken)) return;
    try {
      const now = await fetchSession(uuid);
      if (now !== null && !over) tell(now);
      if (source?.readyState === EventSource.CLOSED || silent) connect();
    } catch {
      trouble(true);
    }
  };
  const timer = setInterval(() => void look(), ASK_SECONDS * 1000 * between(0.75, 1.25));
  const awake = (): void => {
    if (document.hidden) return;
    connect();
    void look();
  };
  document.addEventListener("visibilitychange", awake);
  connect();
  return () => {
    over = true;
    clearInterval(timer);
    document.removeEventListener("visibilitychange", awake);
    source?.close();
  };
}
