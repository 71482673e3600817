/**
 * The marks as they were tapped last, until the phone's storage has answered that it keeps them.
 *
 * What is given to a database in the moment in which the page is left, reloaded or killed, is lost;
 * this is written before the tap returns. It stands here for milliseconds, and where the storage
 * fails as long as that. What a browser refuses to keep here is kept as well as it can be there.
 */

import type { Mark } from "./screen.ts";

const PREFIX = "phieukin.marks/";

/** Writes the marks of a voter down; what `settle` takes away again. */
export function note(voter: string, marks: readonly Mark[]): string {
  const text = JSON.stringify(marks);
  attempt(() => localStorage.setItem(PREFIX + voter, text));
  return text;
}

/** The marks that no storage has answered for; null without any. */
export function noted(voter: string): readonly Mark[] | null {
  const text = attempt(() => localStorage.getItem(PREFIX + voter));
  return text ? (attempt(() => JSON.parse(text)) ?? null) : null;
}

/** Takes away what `note` wrote, unless there was a tap since; everything of the voter without it. */
export function settle(voter: string, text?: string): void {
  attempt(() => {
    if (text === undefined || localStorage.getItem(PREFIX + voter) === text) localStorage.removeItem(PREFIX + voter);
  });
}

/** Where cookies are blocked or the disk is full, every use of it may throw. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
