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
  /** Keeps what `change` makes of what is kept, in one step: another tab's comes before or after. */
  update(key: string, change: (stored: Kept | null) => Kept): Promise<Kept>;
  remove(key: string): Promise<void>;
  keys(): Promise<string[]>;
}

const DATABASE = "phieukin";
const TABLE = "voters";
const PATIENCE = 4_000; // milliseconds; some browsers' storage never answers
const LESS_PATIENCE = 500; // once it has not

/** The best storage there is. */
export async function openStore(telegram: DeviceStorage | null, kiosk: boolean): Promise<Store> {
  if (kiosk) return new Memory();
  const database = await IndexedStore.open().catch(() => null);
  if (telegram !== null) return new TelegramStore(telegram, database ?? new Memory());
  return database ?? new Memory();
}

/** Forgets with the page: for the kiosk, and where a browser keeps nothing. */
class Memory implements Store {
  readonly lasting = false;
  private readonly held = new Map<string, Kept>();

  async get(key: string): Promise<Kept | null> {
    return this.held.get(key) ?? null;
  }
  async update(key: string, change: (stored: Kept | null) => Kept): Promise<Kept> {
    const kept = change(await this.get(key));
    this.held.set(key, kept);
    return kept;
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
  private patience = PATIENCE;
  private constructor(private database: IDBDatabase) {}

  static async open(): Promise<IndexedStore> {
    const store = new IndexedStore(await connect());
    // Some private modes open a database and then refuse to write.
    await store.update("probe", () => ({ phi: "" }));
    await store.remove("probe");
    void navigator.storage?.persist?.().catch(() => false);
    return store;
  }

  async get(key: string): Promise<Kept | null> {
    return this.run("readonly", (table) => table.get(key)).then((stored) => (stored as Kept | undefined) ?? null);
  }
  async update(key: string, change: (stored: Kept | null) => Kept): Promise<Kept> {
    let kept: Kept | null = null;
    await this.run("readwrite", (table) => {
      const reading = table.get(key) as IDBRequest<Kept | undefined>;
      reading.onsuccess = () => {
        kept = change(reading.result ?? null);
        table.put({ ...kept }, key);
      };
      return reading;
    });
    if (kept === null) throw new Error("storage");
    return kept;
  }
  async remove(key: string): Promise<void> {
    await this.run("readwrite", (table) => table.delete(key));
  }
  async keys(): Promise<string[]> {
    return (await this.run("readonly", (table) => table.getAllKeys())).map(String);
  }

  /** One transaction; once more on a new connection: WebKit loses its database while a tab is in the background. */
  private async run<T>(mode: IDBTransactionMode, act: (table: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    try {
      return await this.once(mode, act);
    } catch {
      this.database = await within(this.patience, connect());
      return this.once(mode, act);
    }
  }

  private async once<T>(mode: IDBTransactionMode, act: (table: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const transaction = this.database.transaction(TABLE, mode, { durability: "strict" });
    const request = act(transaction.objectStore(TABLE));
    const ended = new Promise<T>((succeeded, failed) => {
      transaction.oncomplete = () => succeeded(request.result);
      transaction.onabort = () => failed(transaction.error ?? new Error("storage"));
    });
    try {
      const result = await within(this.patience, ended);
      this.patience = PATIENCE;
      return result;
    } catch (error) {
      this.patience = LESS_PATIENCE;
      throw error;
    }
  }
}

function connect(): Promise<IDBDatabase> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
  return within(PATIENCE, answered(opening));
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
  async update(key: string, change: (stored: Kept | null) => Kept): Promise<Kept> {
    const kept = change(await this.get(key));
    await this.set(key, kept);
    return kept;
  }
  private async set(key: string, kept: Kept): Promise<void> {
    const { secrets, backup, ...rest } = kept;
    const together = secrets === undefined ? null : JSON.stringify({ secrets, backup });
    const secure = together === null || (await this.telegram.setSecret(`phieukin.${key}`, together));
    const written = await this.telegram.set(`phieukin.${key}`, JSON.stringify(secure ? rest : kept));
    if (secrets === undefined) await this.telegram.setSecret(`phieukin.${key}`, null);
    if (!written) await this.second.update(key, () => (secure ? rest : kept));
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

/** Fails where the promise is not kept in so many milliseconds. */
function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  return new Promise((succeeded, failed) => {
    const timer = setTimeout(() => failed(new Error("no answer")), milliseconds);
    promise.then(succeeded, failed).finally(() => clearTimeout(timer));
  });
}
