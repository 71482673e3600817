/** The ballot is encrypted: it is sent, or opened for check, never both (DESIGN §4.6, Benaloh). */

import { toText } from "../../protocol/encoding/encoding.ts";
import { download } from "../../shared/download.ts";
import { words } from "../../shared/words.ts";
import type { Delegate } from "../delegate.ts";
import type { Prepared } from "../work.ts";
import { Tracker } from "./Tracker.tsx";

interface Props {
  readonly delegate: Delegate;
  readonly prepared: Prepared;
}

export function Sealed({ delegate, prepared }: Props) {
  return (
    <main>
      <h1 tabIndex={-1}>{words("voter.sealed.title")}</h1>
      <p>{words("voter.sealed.what")}</p>
      <Tracker tracker={prepared.tracker} />
      <div class="actions">
        <button type="button" class="button primary" onClick={() => void delegate.send(prepared)}>
          {words("voter.sealed.send")}
        </button>
      </div>
      <p class="note">{words("voter.sealed.final")}</p>
      <details>
        <summary>{words("voter.sealed.doubt")}</summary>
        <p>{words("voter.sealed.how")}</p>
        <button type="button" class="button" onClick={() => delegate.open(prepared)}>
          {words("voter.sealed.open")}
        </button>
      </details>
      <button type="button" class="link" onClick={() => delegate.go("review")}>
        {words("voter.sealed.back")}
      </button>
    </main>
  );
}

export function Opened({ delegate, prepared }: Props) {
  const file = new File(
    [
      JSON.stringify({
        schema: "phieukin.check/1",
        ballot: toText(prepared.ballot),
        opening: toText(prepared.opening),
      }),
    ],
    `phieu-thu-${prepared.tracker.slice(0, 6).replace(/[+/]/g, "-")}.json`,
    { type: "application/json" },
  );
  const share = { files: [file] };
  const shareable = typeof navigator.canShare === "function" && navigator.canShare(share);
  const address = `${location.origin}${location.pathname}?check`;
  return (
    <main>
      <h1 tabIndex={-1}>{words("voter.opened.title")}</h1>
      <p>
        <strong>{words("voter.opened.not_cast")}</strong>
      </p>
      <Tracker tracker={prepared.tracker} />
      <ol>
        <li>{words("voter.opened.save")}</li>
        <li>
          {words("voter.opened.other")} <span class="address">{address}</span>
        </li>
        <li>{words("voter.opened.compare")}</li>
      </ol>
      <div class="actions">
        {shareable && (
          <button type="button" class="button primary" onClick={() => void navigator.share(share).catch(() => {})}>
            {words("voter.opened.share")}
          </button>
        )}
        <button type="button" class="button" onClick={() => download(file)}>
          {words("voter.opened.download")}
        </button>
        <button type="button" class="button" onClick={() => delegate.go("review")}>
          {words("voter.opened.back")}
        </button>
      </div>
    </main>
  );
}
