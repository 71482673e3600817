/** Codes that people compare. */

import { useState } from "preact/hooks";
import { words } from "../../shared/words.ts";

/** A code in groups of four; read out whole. */
export function Groups({ code, class: name }: { readonly code: string; readonly class: string }) {
  const groups = code.replaceAll("-", "").match(/.{1,4}/g) ?? [];
  return (
    <p class={`code groups ${name}`}>
      {groups.map((group, i) => (
        <span key={i}>{group}</span>
      ))}
    </p>
  );
}

/** The tracker in groups, and a way to copy it. */
export function Tracker({ tracker }: { readonly tracker: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(tracker).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <section class="card" aria-labelledby="tracker-title">
      <h2 id="tracker-title">{words("voter.tracker.title")}</h2>
      <Groups code={tracker} class="tracker" />
      <button type="button" class="button" onClick={() => void copy()}>
        {words(copied ? "voter.tracker.copied" : "voter.tracker.copy")}
      </button>
    </section>
  );
}
