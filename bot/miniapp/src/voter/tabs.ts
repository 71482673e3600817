/** The page's tabs on one phone: what one of them keeps, the others hear of. */

let channel: BroadcastChannel | null = null;

/** Hears when another tab has kept more, and looks itself when this one comes to the front. */
export function hearTabs(changed: () => void): void {
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) changed();
  });
  try {
    channel = new BroadcastChannel("phieukin");
    channel.onmessage = changed;
  } catch {
    // Without it, coming to the front is enough.
  }
}

/** Tells the other tabs. */
export function tellTabs(): void {
  channel?.postMessage("");
}
