/**
 * Telegram around the page, if it is there: who opened it, its theme, its storages.
 *
 * Spoken to by its documented events; no script of Telegram's is loaded.
 */

import { on, postEvent, request, retrieveRawInitData, retrieveRawLaunchParams, supports } from "@tma.js/bridge";

const STORAGE_TIMEOUT = 5_000; // milliseconds; a client that does not answer has no storage

export interface DeviceStorage {
  get(key: string): Promise<string | null>;
  /** Whether it was kept; null removes. */
  set(key: string, value: string | null): Promise<boolean>;
  getSecret(key: string): Promise<string | null>;
  setSecret(key: string, value: string | null): Promise<boolean>;
}

export interface Telegram {
  /** What Telegram signed about who opened the page; the server alone can check it. */
  readonly initData: string;
  readonly storage: DeviceStorage | null;
  readonly dark: boolean;
}

/** Telegram's side of the page; null in an ordinary browser. */
export function telegram(): Telegram | null {
  try {
    const initData = retrieveRawInitData();
    if (!initData) return null;
    const params = new URLSearchParams(retrieveRawLaunchParams());
    const version = params.get("tgWebAppVersion") ?? "6.0";
    quietly(() => postEvent("web_app_ready"));
    quietly(() => postEvent("web_app_expand"));
    if (supports("web_app_setup_swipe_behavior", version)) {
      quietly(() => postEvent("web_app_setup_swipe_behavior", { allow_vertical_swipe: false }));
    }
    const storage = supports("web_app_device_storage_save_key", version) ? new ClientStorage() : null;
    return { initData, storage, dark: isDark(params.get("tgWebAppThemeParams")) };
  } catch {
    return null;
  }
}

/** Calls back when Telegram turns light or dark. */
export function followTheme(changed: (dark: boolean) => void): void {
  on("theme_changed", (event) => changed(isDark(JSON.stringify(event.theme_params))));
}

/** Asks before the page is closed by mistake. */
export function guardClosing(needed: boolean): void {
  quietly(() => postEvent("web_app_setup_closing_behavior", { need_confirmation: needed }));
}

/** The page's own colours are used: only whether Telegram is dark is taken from its theme. */
function isDark(theme: string | null): boolean {
  try {
    const ground = String((JSON.parse(theme ?? "{}") as { bg_color?: unknown }).bg_color ?? "");
    const rgb = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(ground);
    if (rgb === null) return matchMedia("(prefers-color-scheme: dark)").matches;
    const [red = 0, green = 0, blue = 0] = rgb.slice(1).map((part) => Number.parseInt(part, 16));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128;
  } catch {
    return false;
  }
}

class ClientStorage implements DeviceStorage {
  get(key: string): Promise<string | null> {
    return read("web_app_device_storage_get_key", "device_storage_key_received", "device_storage_failed", key);
  }
  set(key: string, value: string | null): Promise<boolean> {
    return write("web_app_device_storage_save_key", "device_storage_key_saved", "device_storage_failed", key, value);
  }
  getSecret(key: string): Promise<string | null> {
    return read("web_app_secure_storage_get_key", "secure_storage_key_received", "secure_storage_failed", key);
  }
  setSecret(key: string, value: string | null): Promise<boolean> {
    return write("web_app_secure_storage_save_key", "secure_storage_key_saved", "secure_storage_failed", key, value);
  }
}

type Methods = Parameters<typeof request>[0];
type Events = Parameters<typeof request>[1];

/** The value under a key, null if there is none. A storage that fails holds nothing. */
async function read(method: string, yes: string, no: string, key: string): Promise<string | null> {
  const answer = await answered(method, yes, no, { key });
  return typeof answer?.value === "string" ? answer.value : null;
}

async function write(method: string, yes: string, no: string, key: string, value: string | null): Promise<boolean> {
  const answer = await answered(method, yes, no, { key, value });
  return answer !== null && !("error" in answer);
}

async function answered(
  method: string,
  yes: string,
  no: string,
  params: Record<string, string | null>,
): Promise<Record<string, unknown> | null> {
  const id = crypto.randomUUID();
  try {
    const answer: unknown = await request(
      method as Methods,
      [yes, no] as Events,
      {
        params: { req_id: id, ...params },
        timeout: STORAGE_TIMEOUT,
        capture: (event: { payload?: { req_id?: string } }) => event.payload?.req_id === id,
      } as never,
    );
    return answer as Record<string, unknown>;
  } catch {
    return null;
  }
}

function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // An older client without this event: the page does without.
  }
}

/** The account's number as Telegram says it: only to tell voters of one phone apart. */
export function account(initData: string): string {
  try {
    return String((JSON.parse(new URLSearchParams(initData).get("user") ?? "{}") as { id?: unknown }).id);
  } catch {
    return "";
  }
}
