/** The phone page: reads how somebody came here, then shows one screen after the other. */

import { type ComponentChild, render } from "preact";
import "../shared/base.css";
import "./voter.css";
import { chooseLanguage, words } from "../shared/words.ts";
import { App } from "./App.tsx";
import { Delegate } from "./delegate.ts";
import type { Arrival } from "./screen.ts";
import { Check } from "./screens/Check.tsx";
import { Stop } from "./screens/Stop.tsx";
import { openStore } from "./store.ts";
import { followTheme, telegram } from "./telegram.ts";

const page = document.getElementById("page") as HTMLElement;
const query = new URLSearchParams(location.search);
let drawn = false;
const uuid = location.pathname.split("/").pop() ?? "";

// Until the first screen is drawn, the page's own text says what to do with a browser that is too old.
if (document.documentElement.dataset.old === undefined) {
  open().catch(() => draw(<Stop code="browser" />));
}

async function open(): Promise<void> {
  await chooseLanguage(query.get("lang"), navigator.languages);
  document.title = words("voter.title");
  // Without a secure context there is no encryption to be had.
  if (!isSecureContext || !globalThis.crypto?.subtle) return draw(<Stop code="insecure" />);
  if (query.has("check")) return draw(<Check uuid={uuid} />);
  const around = telegram();
  if (around !== null) {
    paint(around.dark);
    followTheme(paint);
  }
  const arrival: Arrival = { uuid, ...letter(), initData: around?.initData ?? null, kiosk: query.has("kiosk") };
  const store = await openStore(around?.storage ?? null, arrival.kiosk);
  const delegate = new Delegate(arrival, store);
  draw(<App delegate={delegate} />);
  document.addEventListener("visibilitychange", () => {
    document.body.classList.toggle("covered", document.hidden);
  });
  await delegate.start();
}

function draw(screen: ComponentChild): void {
  if (!drawn) page.replaceChildren();
  drawn = true;
  render(screen, page);
}

/** The codes of the letter's link, of the voter and of the session; taken out of the address at once. */
function letter(): { code: string | null; sessionCode: string | null } {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const code = fragment.get("c");
  const sessionCode = fragment.get("f");
  if (code !== null || sessionCode !== null) {
    try {
      history.replaceState(null, "", location.pathname + location.search);
    } catch {
      // Safari refuses after a hundred times in half a minute; the code stays in the address.
    }
  }
  return { code, sessionCode };
}

function paint(dark: boolean): void {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}
