/** A signal that aborts after so many milliseconds: AbortSignal.timeout is not in all browsers the pages are for. */
export function timeLimit(milliseconds: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), milliseconds);
  return controller.signal;
}
