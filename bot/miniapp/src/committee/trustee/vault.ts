/**
 * Where the key file lies: in this browser's storage, and as a file of the trustee's. Both have the new
 * state before anything is sent (docs/protocol.md §5.1). Only encrypted bytes are written, and the mark,
 * by which a file is known again; a file whose mark this browser does not have is a restored copy.
 */

import type { Bytes } from "../../protocol/encoding/encoding.ts";
import { type Lock, sealKey, type TrusteeState } from "../../protocol/trustee/keyfile.ts";
import { download } from "../../shared/download.ts";
import { Fault } from "./fault.ts";

const DATABASE = "phieukin-trustee";
const TABLE = "keys";

/** What the browser keeps of a key. */
export interface Kept {
  readonly file: Bytes;
  readonly mark: string;
  /** Not made here: it signs nothing. */
  readonly restored: boolean;
  /** Of a file that the browser may write again; null where it cannot. */
  readonly handle: FileSystemFileHandle | null;
}

/** A trustee's place in a session, by which its key is found in the storage. */
export function slotOf(uuid: string, index: number): string {
  return `${uuid}-trustee-${index}`;
}

/** What the browser keeps in a place. Throws a Fault no_storage. */
export async function kept(slot: string): Promise<Kept | null> {
  const database = await connect();
  try {
    const asked: IDBRequest<Kept | undefined> = database.transaction(TABLE).objectStore(TABLE).get(slot);
    return (await answered(asked)) ?? null;
  } finally {
    database.close();
  }
}

/** The vault of one key, once it is open. */
export class Vault {
  #mark: string | null;
  #handle: FileSystemFileHandle | null;
  #file: Bytes | null = null;
  readonly #slot: string;
  readonly #lock: Lock;
  readonly #restored: boolean;

  /** `mark` is that of the key which the storage should have now; null for none. */
  constructor(slot: string, lock: Lock, mark: string | null, restored: boolean, handle: FileSystemFileHandle | null) {
    this.#slot = slot;
    this.#lock = lock;
    this.#mark = mark;
    this.#restored = restored;
    this.#handle = handle;
  }

  /** The key file as it was written last; null before. */
  get file(): Bytes | null {
    return this.#file;
  }

  /** Ends once the state is safely there. Throws a Fault changed, where another window wrote; no_storage. */
  async store(state: TrusteeState): Promise<void> {
    const file = sealKey(state, this.#lock);
    const next: Kept = { file, mark: state.mark, restored: this.#restored, handle: this.#handle };
    await replace(this.#slot, this.#mark, next);
    this.#mark = state.mark;
    this.#file = file;
    await this.#write(file, state);
  }

  /** The key file again, for a second copy. */
  save(state: TrusteeState): void {
    const file = this.#file ?? sealKey(state, this.#lock);
    this.#file = file;
    download(new File([file], nameOf(this.#slot, state), { type: "application/json" }));
  }

  async #write(file: Bytes, state: TrusteeState): Promise<void> {
    if (this.#handle !== null && (await written(this.#handle, file))) return;
    this.#handle = null;
    download(new File([file], nameOf(this.#slot, state), { type: "application/json" }));
  }
}

/** A file that the trustee has chosen to hold the key and that can be written again; null where none can. */
export async function chosenFile(slot: string): Promise<FileSystemFileHandle | null> {
  const choose = (globalThis as { showSaveFilePicker?: (options: object) => Promise<FileSystemFileHandle> })
    .showSaveFilePicker;
  if (choose === undefined) return null;
  try {
    return await choose.call(globalThis, { suggestedName: `${slot}.key` });
  } catch {
    return null; // the trustee has closed the window: the file is downloaded instead
  }
}

/** Whether the browser may still write a file, asked of the trustee where it must be. */
export async function writable(handle: FileSystemFileHandle | null): Promise<FileSystemFileHandle | null> {
  const asked = handle as { requestPermission?: (options: object) => Promise<string> } | null;
  try {
    return (await asked?.requestPermission?.({ mode: "readwrite" })) === "granted" ? handle : null;
  } catch {
    return null;
  }
}

async function written(handle: FileSystemFileHandle, file: Bytes): Promise<boolean> {
  try {
    const stream = await handle.createWritable();
    await stream.write(file);
    await stream.close();
    return true;
  } catch {
    return false;
  }
}

/** Later files have a higher number: of several in one folder the last one counts. */
function nameOf(slot: string, state: TrusteeState): string {
  const { step1s, share, definition, opening, closing, quorumSeen, tally, size } = state;
  const agreed = size > 1 && step1s.length === size ? step1s : null;
  const steps = [agreed, share, definition, opening, closing, quorumSeen, tally];
  return `${slot}-${1 + steps.filter((taken) => taken !== null).length}.key`;
}

// --- One window ---------------------------------------------------------------------------------

/** Holds a key for this window until it is closed. Throws a Fault two_windows. */
export async function hold(slot: string): Promise<void> {
  if (!("locks" in navigator)) return; // the storage refuses the second writing
  const held = await new Promise<boolean>((tell) => {
    navigator.locks
      .request(`phieukin-${slot}`, { ifAvailable: true }, (lock) => {
        tell(lock !== null);
        return lock === null ? undefined : new Promise<void>(() => {});
      })
      .catch(() => tell(true)); // no locks here: as above
  });
  if (!held) throw new Fault("two_windows");
}

// --- Storage ------------------------------------------------------------------------------------

/** Writes in place of what is expected there, in one transaction. */
async function replace(slot: string, expected: string | null, next: Kept): Promise<void> {
  const database = await connect();
  try {
    await new Promise<void>((succeeded, failed) => {
      const transaction = database.transaction(TABLE, "readwrite", { durability: "strict" });
      const table = transaction.objectStore(TABLE);
      const before = table.get(slot) as IDBRequest<Kept | undefined>;
      let changed = false;
      before.onsuccess = () => {
        changed = (before.result?.mark ?? null) !== expected;
        if (changed) transaction.abort();
        else put(table, slot, next);
      };
      transaction.oncomplete = () => succeeded();
      transaction.onabort = () => failed(new Fault(changed ? "changed" : "no_storage", String(transaction.error)));
    });
  } finally {
    database.close();
  }
}

/** Without the handle of a file, where the browser cannot keep one: the file is downloaded then. */
function put(table: IDBObjectStore, slot: string, next: Kept): void {
  try {
    table.put(next, slot);
  } catch {
    table.put({ ...next, handle: null }, slot);
  }
}

async function connect(): Promise<IDBDatabase> {
  try {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
    return await answered(opening);
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault("no_storage", String(error));
  }
}

function answered<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((succeeded, failed) => {
    request.onsuccess = () => succeeded(request.result);
    request.onerror = () => failed(new Fault("no_storage", String(request.error)));
  });
}
