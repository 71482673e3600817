/** Whether a ballot is on the signed list, looked up by its tracker on the reader's own device. */

import { useState } from "preact/hooks";
import { fetchTrackers, type SignedNote } from "../shared/record.ts";
import { number, words } from "../shared/words.ts";

type Answer = "searching" | "absent" | "failing" | "wrong" | { readonly ballots: number };

export function Find({ uuid, closing }: { readonly uuid: string; readonly closing: SignedNote }) {
  const [tracker, setTracker] = useState("");
  const [answer, setAnswer] = useState<Answer | null>(null);
  const search = (event: Event): void => {
    event.preventDefault();
    setAnswer("searching");
    const sought = tracker.replace(/\s/g, "");
    void fetchTrackers(uuid, closing).then(
      (trackers) => setAnswer(trackers === null ? "wrong" : answered(trackers, sought)),
      () => setAnswer("failing"),
    );
  };
  return (
    <form onSubmit={search}>
      <h2>{words("record.find")}</h2>
      <label for="tracker">{words("record.find_label")}</label>
      <input
        id="tracker"
        value={tracker}
        aria-describedby="tracker-help"
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => setTracker(event.currentTarget.value)}
      />
      <p id="tracker-help">{words("record.find_help")}</p>
      <button type="submit" class="button primary">
        {words("record.find_go")}
      </button>
      <p role="status" class={answer === "absent" || answer === "wrong" ? "wrong" : "state"}>
        {answer !== null && said(answer)}
      </p>
    </form>
  );
}

function answered(trackers: readonly string[], sought: string): Answer {
  return trackers.includes(sought) ? { ballots: trackers.length } : "absent";
}

function said(answer: Answer): string {
  if (typeof answer === "string") return words(`record.find_${answer}`);
  return words("record.find_present", { ballots: number(answer.ballots) });
}
