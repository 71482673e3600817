/** What a trustee enters: the letter's link, or its code with the server and the session. */

import { parse } from "../../../protocol/ballot/codes.ts";
import { ProtocolError } from "../../../protocol/encoding/errors.ts";
import { Fault } from "../fault.ts";

const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);
const UUID = /^[1-9A-HJ-NP-Za-km-z]{14,32}$/;

/** Whom to ask, about which session, and by which code. */
export interface Entry {
  readonly server: string;
  readonly uuid: string;
  /** The 16 letters. */
  readonly code: string;
}

/** What was typed, or stands in the address; the server and the session may be in the link. */
export interface Typed {
  readonly text: string;
  readonly server: string;
  readonly uuid: string;
}

/** Whether a text is a link, which says server and session, too. */
export function isLink(text: string): boolean {
  return /#|\//.test(text);
}

/**
 * The address of a server in its only spelling. Throws a Fault insecure: neither https nor on this
 * machine; bad_link: no address.
 */
export function origin(text: string): string {
  let url: URL;
  try {
    url = new URL(/^[a-z]+:\/\//i.test(text.trim()) ? text.trim() : `https://${text.trim()}`);
  } catch {
    throw new Fault("bad_link", "not an address of a server");
  }
  const local = LOOPBACK.has(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && local)) throw new Fault("insecure", url.origin);
  return url.origin;
}

/** Throws a Fault bad_link, insecure; bad_code. */
export function entryOf({ text, server, uuid }: Typed): Entry {
  const typed = text.trim();
  const link = isLink(typed) ? linkOf(typed) : null;
  const session = link?.uuid || uuid.trim();
  if (!UUID.test(session)) throw new Fault("bad_link", "no session");
  const address = link?.server || server.trim();
  if (address === "") throw new Fault("bad_link", "no server");
  return { server: origin(address), uuid: session, code: codeOf(link?.code ?? typed) };
}

function linkOf(text: string): { server: string; uuid: string; code: string } {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Fault("bad_link", "not a link");
  }
  const named = new URLSearchParams(url.hash.slice(1));
  const uuid = named.get("s") ?? /^\/v\/([^/]+)\/?$/.exec(url.pathname)?.[1] ?? "";
  return { server: url.protocol === "file:" ? "" : url.origin, uuid, code: named.get("c") ?? "" };
}

function codeOf(text: string): string {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof ProtocolError) throw new Fault("bad_code", error.message);
    throw error;
  }
}
