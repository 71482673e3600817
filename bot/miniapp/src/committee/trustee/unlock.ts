/** How a key comes onto the desk: made anew, or opened from the browser's storage or from a file. */

import type { Bytes } from "../../protocol/encoding/encoding.ts";
import { ProtocolError } from "../../protocol/encoding/errors.ts";
import { LIMIT, newLock, openKey, type Progress } from "../../protocol/trustee/keyfile.ts";
import type { Courier } from "./courier/courier.ts";
import { Desk, newKey } from "./desk.ts";
import { Fault } from "./fault.ts";
import { checkOwn } from "./steps.ts";
import { chosenFile, type Kept, slotOf, Vault, writable } from "./vault.ts";
import type { View } from "./view.ts";

/** Makes a key and stores it; takes the place of `before`, of a ceremony that was started again. */
export async function made(courier: Courier, view: View, passphrase: string, before: Kept | null, told: Progress) {
  const slot = slotOf(view.uuid, view.index);
  const handle = await chosenFile(slot); // first: browsers ask only right after a person's click
  const state = newKey(view);
  const vault = new Vault(slot, await newLock(passphrase, told), before?.mark ?? null, false, handle);
  await vault.store(state);
  return new Desk(courier, vault, { state, restored: false });
}

/** Opens what the browser keeps. Throws wrong_passphrase; a Fault other_session. */
export async function unlocked(
  courier: Courier,
  view: View,
  { file, mark, restored, handle }: Kept,
  passphrase: string,
  told: Progress,
) {
  const again = await writable(handle);
  const { state, lock } = await openKey(file, passphrase, told);
  checkHere(view, state);
  const vault = new Vault(slotOf(view.uuid, view.index), lock, mark, restored, again);
  return new Desk(courier, vault, { state, restored });
}

/**
 * Opens a key file. Where the browser has the same, that is the one; another is an older or a foreign
 * copy; where it has none, the file is a restored copy, which signs nothing (docs/protocol.md §5.1).
 */
export async function brought(
  courier: Courier,
  view: View,
  file: Bytes,
  before: Kept | null,
  passphrase: string,
  told: Progress,
) {
  const { state, lock } = await openKey(file, passphrase, told);
  checkHere(view, state);
  if (before !== null && before.mark !== state.mark) throw new Fault("old_copy", "the browser keeps another writing");
  const restored = before?.restored ?? true;
  const vault = new Vault(slotOf(view.uuid, view.index), lock, before?.mark ?? null, restored, before?.handle ?? null);
  return new Desk(courier, vault, { state, restored });
}

function checkHere(view: View, state: Desk["state"]): void {
  if (state.index !== view.index || state.size !== view.size || state.threshold !== view.threshold) {
    throw new Fault("other_session", `the key is of trustee ${state.index}, ${state.threshold} of ${state.size}`);
  }
  try {
    checkOwn(view, state);
  } catch (error) {
    // Of this place, but not of this session: a new key, or a server that has exchanged the message.
    if (error instanceof Fault && error.fault === "other_key") throw new Fault("other_session", error.message);
    throw error;
  }
}

/** The bytes of a chosen key file. Throws a Fault no_key_file. */
export async function keyBytes(file: File): Promise<Bytes> {
  if (file.size > LIMIT) throw new Fault("no_key_file", `${file.size} bytes`);
  const unread = (error: unknown): never => {
    throw new Fault("no_key_file", String(error));
  };
  const bytes = new Uint8Array(await file.arrayBuffer().catch(unread));
  if (!new TextDecoder().decode(bytes).includes('"phieukin.key/1"'))
    throw new Fault("no_key_file", "another kind of file");
  return bytes;
}

/** Of a key file that does not decode: it is none. */
export function asKeyFile(error: unknown): unknown {
  const other = error instanceof ProtocolError && error.code === "malformed";
  return other ? new Fault("no_key_file", error.message) : error;
}
