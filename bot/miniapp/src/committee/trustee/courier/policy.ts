/**
 * What the page may reach, made as narrow as it can be once that is known: a second policy in the head
 * holds beside the first, and neither can be taken back while the page is open (CSP level 3, §3.3).
 */

/** From now on the page asks this server only; null for nobody at all. */
export function narrow(server: string | null): void {
  const meta = document.createElement("meta");
  meta.httpEquiv = "Content-Security-Policy";
  meta.content = `connect-src ${server ?? "'none'"}`;
  document.head.append(meta);
}

/** Whether a server gave out this page, and which. */
export function ownServer(): string | null {
  return location.protocol === "file:" ? null : location.origin;
}
