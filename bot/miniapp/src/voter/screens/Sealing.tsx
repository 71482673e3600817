/** Between the ballot's collection and its use: the committee seals the box, the voter compares a code. */

import { useState } from "preact/hooks";
import { waitingFor, words } from "../../shared/words.ts";
import type { Delegate, ScreenProps } from "../delegate.ts";
import { KioskEnd } from "./Recorded.tsx";
import { Help } from "./Stop.tsx";

const GROUPS = [0, 1, 2, 3, 4];

/** This voter's ballot is among those that the committee seals now. */
export function Sealing({ view, delegate }: ScreenProps) {
  const waiting = view.now?.waiting ?? null;
  return (
    <main>
      <h1 tabIndex={-1}>{words("voter.sealing.title")}</h1>
      {waiting && (
        <p class="lead" role="status">
          {waitingFor(waiting)}
        </p>
      )}
      <p>{words("voter.sealing.listed")}</p>
      <p>{words("voter.sealing.wait")}</p>
      {delegate.arrival.kiosk && <KioskEnd />}
      <Help />
    </main>
  );
}

interface CompareProps {
  readonly delegate: Delegate;
  readonly group: number;
  readonly wrong: number;
}

/** A part of the session code, read where this page cannot write: on the hall screen or on paper. */
export function Compare({ delegate, group, wrong }: CompareProps) {
  const [text, setText] = useState("");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    await delegate.compare(text);
    setText("");
  };
  return (
    <main>
      <h1 tabIndex={-1}>{words("voter.compare.title")}</h1>
      <p>{words("voter.compare.what")}</p>
      <form onSubmit={submit}>
        <label for="group" class="lead">
          {words("voter.compare.label", { group: group + 1 })}
        </label>
        <p class="places" aria-hidden="true">
          {GROUPS.map((place) => (
            <span key={place} class={place === group ? "marked" : ""}>
              {place + 1}
            </span>
          ))}
        </p>
        <input
          id="group"
          class="group"
          value={text}
          maxLength={9}
          aria-describedby="group-wrong"
          aria-invalid={wrong > 0}
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <p id="group-wrong" class={wrong > 0 ? "wrong" : ""} role="alert">
          {wrong > 0 && words("voter.compare.wrong", { group: group + 1 })}
        </p>
        <button type="submit" class="button primary" disabled={text.trim() === ""}>
          {words("voter.compare.go")}
        </button>
      </form>
      <p class="quiet">{words("voter.compare.why")}</p>
      <Help />
    </main>
  );
}
