/** A number between two others, from the system's randomness. */
export function between(low: number, high: number): number {
  const drawn = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  return low + ((high - low) * drawn) / 2 ** 32;
}
