/** The backup code: made by this device, written down by the voter, entered on another device. */

import { useState } from "preact/hooks";
import { words } from "../../shared/words.ts";
import type { Delegate, ScreenProps } from "../delegate.ts";
import { Groups } from "./Tracker.tsx";

/** The code for whoever has taken it, else the offer. */
export function Backup({ view, delegate }: ScreenProps) {
  const { backup } = view;
  return (
    <main>
      <h1 tabIndex={-1}>{words("voter.backup.title")}</h1>
      {backup === null ? (
        <>
          <p>{words("voter.backup.what")}</p>
          <p>{words("voter.backup.own")}</p>
          <div class="actions">
            <button type="button" class="button primary" onClick={() => void delegate.backUp()}>
              {words("voter.backup.make")}
            </button>
            <button type="button" class="button" onClick={() => delegate.showBackup(false)}>
              {words("voter.backup.without")}
            </button>
          </div>
        </>
      ) : (
        <>
          <p>
            <strong>{words("voter.backup.write")}</strong>
          </p>
          <Groups code={backup} class="backup" />
          <p>{words("voter.backup.use")}</p>
          <p>{words("voter.backup.secret")}</p>
          <div class="actions">
            <button type="button" class="button primary" onClick={() => delegate.showBackup(false)}>
              {words("voter.backup.written")}
            </button>
          </div>
        </>
      )}
    </main>
  );
}

/** One tap away from it, while there is nothing else to do. */
export function BackupCard({ view, delegate }: ScreenProps) {
  if (!delegate.mayBackUp) return null;
  return (
    <section class="card" aria-labelledby="backup-title">
      <h2 id="backup-title">{words("voter.backup.title")}</h2>
      {view.backup === null ? (
        <>
          {!delegate.arrival.kiosk && <p>{words("voter.backup.what")}</p>}
          <button type="button" class="button" onClick={() => void delegate.backUp()}>
            {words("voter.backup.make")}
          </button>
        </>
      ) : (
        <button type="button" class="button" onClick={() => delegate.showBackup(true)}>
          {words("voter.backup.again")}
        </button>
      )}
    </section>
  );
}

/** On another device: the code that the first one made, and what happens without it. */
export function Restore(props: { readonly delegate: Delegate; readonly wrong: "code" | "letter" | null }) {
  const { delegate, wrong } = props;
  const [text, setText] = useState("");
  const [asking, setAsking] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setAsking(true);
    await delegate.restore(text);
    setAsking(false);
  };
  return (
    <main>
      <h1 tabIndex={-1}>{words("voter.restore.title")}</h1>
      <p>{words("voter.restore.what")}</p>
      <form onSubmit={submit}>
        <label for="backup">{words("voter.restore.label")}</label>
        <p id="backup-help" class="quiet">
          {words("voter.restore.help")}
        </p>
        <textarea
          id="backup"
          rows={2}
          value={text}
          aria-describedby="backup-help backup-wrong"
          aria-invalid={wrong !== null}
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <p id="backup-wrong" class={wrong === null ? "" : "wrong"} role="alert">
          {wrong !== null && words(wrong === "letter" ? "voter.restore.letter" : "voter.restore.wrong")}
        </p>
        <button type="submit" class="button primary" disabled={asking || text.trim() === ""}>
          {words("voter.restore.go")}
        </button>
      </form>
      <section class="card">
        <h2>{words("voter.restore.without")}</h2>
        <p>{words("voter.restore.stay")}</p>
        <p>{words("voter.restore.lost")}</p>
        <p>{words("voter.restore.not_you")}</p>
      </section>
    </main>
  );
}
