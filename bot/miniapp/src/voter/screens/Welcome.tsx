/** From the letter to the token: who is here, which session it is, what is happening. */

import { useState } from "preact/hooks";
import type { Awaited } from "../../shared/live.ts";
import { waitingFor, words } from "../../shared/words.ts";
import type { Delegate, ScreenProps } from "../delegate.ts";
import type { Step, WaitScreen, Wrong } from "../screen.ts";
import { BackupCard } from "./Backup.tsx";
import { Files } from "./Files.tsx";
import { Question } from "./Question.tsx";
import { KioskEnd } from "./Recorded.tsx";
import { Help } from "./Stop.tsx";
import { Groups } from "./Tracker.tsx";

const WRONG = { code: "voter.enter.wrong", backup: "voter.enter.backup", link: "voter.enter.link" } as const;

// Their own names: such applications show pages in a window that forgets, or that others read.
const APPLICATIONS = [
  [/\bZalo/i, "Zalo"],
  [/\bFB(?:AN|AV|_IAB)\b|\bFBIOS\b/, "Facebook"],
  [/\bInstagram\b/, "Instagram"],
  [/\b(?:musical_ly|BytedanceWebview|TikTok)/i, "TikTok"],
  [/\bLine\//, "LINE"],
  [/\bViber\b/i, "Viber"],
] as const;

/** Told before anything is collected: a page inside another application goes on better in a browser. */
function InApplication() {
  const application = APPLICATIONS.find(([pattern]) => pattern.test(navigator.userAgent))?.[1];
  if (application === undefined) return null;
  return <p class="note">{words("voter.welcome.in_application", { application })}</p>;
}

/** The code of the letter, typed or scanned. */
export function Enter({ delegate, wrong }: { readonly delegate: Delegate; readonly wrong: Wrong | null }) {
  const [text, setText] = useState("");
  const [sending, setSending] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setSending(true);
    await delegate.enter(text);
    setSending(false);
  };
  return (
    <main>
      <h1 tabIndex={-1}>{words("voter.enter.title")}</h1>
      <InApplication />
      <form onSubmit={submit}>
        <label for="code">{words("voter.enter.label")}</label>
        <p id="code-help" class="quiet">
          {words("voter.enter.help")}
        </p>
        <textarea
          id="code"
          rows={2}
          value={text}
          aria-describedby="code-help code-wrong"
          aria-invalid={wrong !== null}
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <p id="code-wrong" class={wrong === null ? "" : "wrong"} role="alert">
          {wrong !== null && words(WRONG[wrong])}
        </p>
        <button type="submit" class="button primary" disabled={sending || text.trim() === ""}>
          {words("voter.enter.go")}
        </button>
      </form>
      <Help />
    </main>
  );
}

/** Before the token: what this is, and the session code to be compared. */
export function Welcome({ view, delegate }: ScreenProps) {
  const open = view.now?.state === "checkin";
  return (
    <main>
      <h1 tabIndex={-1}>{words(open ? "voter.welcome.title" : "voter.welcome.early")}</h1>
      <p>{words(open ? "voter.welcome.what" : "voter.welcome.wait")}</p>
      <SessionCode view={view} delegate={delegate} />
      <InApplication />
      {open && (
        <button type="button" class="button primary" onClick={() => void delegate.collect()}>
          {words("voter.welcome.collect")}
        </button>
      )}
      {!delegate.keepsake.lasting && !delegate.arrival.kiosk && (
        <p class="note">{words("voter.welcome.not_lasting")}</p>
      )}
      <Officials view={view} delegate={delegate} />
      <Help />
    </main>
  );
}

/** The session code in groups, and whether the letter said the same. */
export function SessionCode({ view, delegate }: ScreenProps) {
  return (
    <section class="card" aria-labelledby="session-code">
      <h2 id="session-code">{words("code.session")}</h2>
      <Groups code={view.session?.code ?? ""} class="session-code" />
      <p>{words(delegate.arrival.sessionCode === null ? "voter.code.compare" : "voter.code.same")}</p>
    </section>
  );
}

/** The officials and their posts, one tap away. */
export function Officials({ view, delegate }: ScreenProps) {
  const officials = view.session?.parameters.officials ?? [];
  return (
    <details>
      <summary>{words("voter.officials", { number: officials.length })}</summary>
      {!view.loggedIn && (
        <button type="button" class="button" onClick={() => void delegate.logIn()}>
          {words("voter.log_in")}
        </button>
      )}
      <ol class="officials">
        {officials.map((official, place) => (
          <li key={place}>
            <strong>{official.name}</strong>
            {official.position && <span>{official.position}</span>}
            <Files view={view} delegate={delegate} place={place} />
            <Question view={view} delegate={delegate} place={place} />
          </li>
        ))}
      </ol>
    </details>
  );
}

/** What happens while the token is collected. */
export function Collecting({ step }: { readonly step: Step }) {
  const steps: readonly Step[] = ["login", "keep", "token", "mask", "register"];
  const at = steps.indexOf(step);
  return (
    <main>
      <h1 tabIndex={-1}>{words("voter.collecting.title")}</h1>
      <ol class="steps">
        {steps.map((name, i) => (
          <li key={name} class={i < at ? "done" : i === at ? "now" : ""} aria-current={i === at ? "step" : undefined}>
            {words(`voter.collecting.${name}`)}
          </li>
        ))}
      </ol>
      <p class="quiet">{words("voter.collecting.stay")}</p>
    </main>
  );
}

/** The ballot is there; voting is not open yet. */
export function Ready({ view, delegate }: ScreenProps) {
  const { kiosk } = delegate.arrival;
  const kept = view.backup !== null ? "kiosk_kept" : delegate.mayBackUp ? "kiosk" : "kiosk_stay";
  return (
    <main>
      <h1 tabIndex={-1}>{words("voter.ready.title")}</h1>
      <p role="status">{words(`voter.ready.${kiosk ? kept : "what"}`)}</p>
      {!delegate.keepsake.lasting && !kiosk && <p class="note">{words("voter.welcome.not_lasting")}</p>}
      <BackupCard view={view} delegate={delegate} />
      {kiosk ? view.backup !== null && <KioskEnd /> : <SessionCode view={view} delegate={delegate} />}
      <Officials view={view} delegate={delegate} />
      <Help />
    </main>
  );
}

interface WaitingProps {
  readonly screen: WaitScreen;
  readonly failures: number;
  readonly place: number | null;
  readonly waiting: Awaited | null;
}

/** Loading, preparing, encrypting, sending. */
export function Waiting({ screen, failures, place, waiting }: WaitingProps) {
  return (
    <main>
      <h1 tabIndex={-1}>{words(`voter.waiting.${screen.is}`)}</h1>
      {screen.is === "encrypting" && (
        <progress max={screen.total} value={screen.done} aria-label={words("voter.waiting.encrypting")} />
      )}
      {screen.is === "preparing" && waiting && <p role="status">{waitingFor(waiting)}</p>}
      {screen.is === "sending" && place !== null && <p role="status">{words("voter.waiting.place", { place })}</p>}
      {screen.is === "sending" && <p>{words("voter.waiting.same")}</p>}
      {failures > 2 && <Help />}
    </main>
  );
}
