/**
 * What the phone keeps: in Telegram its own storages, else IndexedDB, else nothing.
 *
 * Everything of a voter stands under the session's uuid and a hash of the code, never the code.
 * Nothing goes to CloudStorage: that lies on Telegram's servers.
 */

import type { Mark } from "./screen.ts";
import type { DeviceStorage } from "./telegram.ts";

/** What is kept of one voter of one session; everything but `phi` comes one after the other. */
export interface Kept {
  phi: string;
  /** The credential's secret and the token request; gone once the ballot is recorded. */
  secrets?: string;
  /** The backup code under which they are left with the registrar; gone with them. */
  backup?: string;
  /** Whether they are there. */
  backedUp?: boolean;
  credential?: string;
  /** The token, until the box lists the credential. */
  token?: string;
  registered?: boolean;
  /** Whether it was missing from the list that the committee was about to seal. */
  missing?: boolean;
  /** Whether a part of the session code was read off the hall screen or a letter, and was right. */
  compared?: boolean;
  /** SHA-256 of the text of the sealed opening: there is only one. */
  opening?: string;
  /** The marks so far; gone once the ballot is encrypted to be sent. */
  draft?: readonly Mark[];
  /** The bytes that were confirmed and perhaps sent; gone with the promise. */
  ballot?: string;
  promise?: string;
  /** Whether the guidance was read. */
  guided?: boolean;
}

export interface Store {
  /** Whether it outlives the page. */
  readonly lasting: boolean;
  get(key: string): Promise<Kept | null>;
  set(key: string, kept: Kept): Promise<void>;
  remove(key: string): Promise<void>;
  keys(): Promise<string[]>;
}

const DATABASE = "phieukin";
const TABLE = "voters";

/** The best storage there is. */
export async function openStore(telegram: DeviceStorage | null, kiosk: boolean): Promise<Store> {
  if (kiosk) return new Memory();
  const database = await IndexedStore.open().catch(() => null);
  if (telegram !== null) return new TelegramStore(telegram, database ?? new Memory());
  return database ?? new Memory();
}

/** Forgets with the page: for the kiosk, and where a browser keeps nothing. */
class Memory implements Store {
  readonly lasting: boolean = false;
  private readonly held = new Map<string, string>();

  async get(key: string): Promise<Kept | null> {
    const text = this.held.get(key);
    return text === undefined ? null : (JSON.parse(text) as Kept);
  }
  async set(key: string, kept: Kept): Promise<void> {
    this.held.set(key, JSON.stringify(kept));
  }
  async remove(key: string): Promise<void> {
    this.held.delete(key);
  }
  async keys(): Promise<string[]> {
    return [...this.held.keys()];
  }
}

class IndexedStore implements Store {
  readonly lasting = true;
  private constructor(private readonly database: IDBDatabase) {}

  static async open(): Promise<IndexedStore> {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
    const store = new IndexedStore(await answered(opening));
    // Some private modes open a database and then refuse to write.
    await store.write((table) => table.put({ phi: "" }, "probe"));
    await store.remove("probe");
    void navigator.storage?.persist?.();
    return store;
  }

  async get(key: string): Promise<Kept | null> {
    const stored: unknown = await answered(this.table("readonly").get(key));
    return stored === undefined ? null : (stored as Kept);
  }
  async set(key: string, kept: Kept): Promise<void> {
    await this.write((table) => table.put({ ...kept }, key));
  }
  async remove(key: string): Promise<void> {
    await this.write((table) => table.delete(key));
  }
  async keys(): Promise<string[]> {
    return (await answered(this.table("readonly").getAllKeys())).map(String);
  }

  private table(mode: IDBTransactionMode): IDBObjectStore {
    return this.database.transaction(TABLE, mode, { durability: "strict" }).objectStore(TABLE);
  }

  private async write(change: (table: IDBObjectStore) => IDBRequest): Promise<void> {
    const table = this.table("readwrite");
    change(table);
    await new Promise<void>((ended, failed) => {
      table.transaction.oncomplete = () => ended();
      table.transaction.onabort = () => failed(table.transaction.error ?? new Error("storage"));
    });
  }
}

/** Telegram's storages: the secrets in the phone's keystore, the rest in the app's own space. */
class TelegramStore implements Store {
  readonly lasting = true;
  constructor(
    private readonly telegram: DeviceStorage,
    private readonly second: Store,
  ) {}

  async get(key: string): Promise<Kept | null> {
    const text = await this.telegram.get(`phieukin.${key}`);
    const kept = text === null ? await this.second.get(key) : (JSON.parse(text) as Kept);
    if (kept === null) return null;
    const secrets = await this.telegram.getSecret(`phieukin.${key}`);
    return secrets === null ? kept : { ...kept, ...(JSON.parse(secrets) as Partial<Kept>) };
  }
  async set(key: string, kept: Kept): Promise<void> {
    const { secrets, backup, ...rest } = kept;
    const together = secrets === undefined ? null : JSON.stringify({ secrets, backup });
    const secure = together === null || (await this.telegram.setSecret(`phieukin.${key}`, together));
    const written = await this.telegram.set(`phieukin.${key}`, JSON.stringify(secure ? rest : kept));
    if (secrets === undefined) await this.telegram.setSecret(`phieukin.${key}`, null);
    if (!written) await this.second.set(key, secure ? rest : kept);
  }
  async remove(key: string): Promise<void> {
    await this.telegram.set(`phieukin.${key}`, null);
    await this.telegram.setSecret(`phieukin.${key}`, null);
    await this.second.remove(key);
  }
  async keys(): Promise<string[]> {
    return this.second.keys();
  }
}

function answered<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((succeeded, failed) => {
    request.onsuccess = () => succeeded(request.result);
    request.onerror = () => failed(request.error ?? new Error("storage"));
  });
}
