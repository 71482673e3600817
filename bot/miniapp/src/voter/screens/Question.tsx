/** A question to an official: passed on without who asks, until the deadline. */

import { useState } from "preact/hooks";
import { words, wordsIfAny } from "../../shared/words.ts";
import type { ScreenProps } from "../delegate.ts";

export function Question({ view, delegate, place }: ScreenProps & { readonly place: number }) {
  const [writing, setWriting] = useState(false);
  const [text, setText] = useState("");
  const [sending, setSending] = useState(false);
  const [outcome, setOutcome] = useState<string | null>(null);
  const { asking, session } = view;
  const name = session?.parameters.officials[place]?.name ?? "";
  if (asking === null || (!asking.taken && outcome === null)) return null;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setSending(true);
    const refused = await delegate.dossier.ask(session, place + 1, text);
    setSending(false);
    if (refused === null) {
      setWriting(false);
      setText("");
    }
    setOutcome(wordsIfAny(`voter.question.${refused ?? "sent"}`) ?? words("voter.question.failed"));
  };
  const id = `question-${place}`;
  return (
    <>
      {!writing && asking.taken && asking.left > 0 && (
        <button type="button" class="link" onClick={() => setWriting(true)}>
          {words("voter.question.write")}
          <span class="sr-only"> {name}</span>
        </button>
      )}
      {writing && (
        <form class="question" onSubmit={submit}>
          <label for={id}>{words("voter.question.label", { name })}</label>
          <p id={`${id}-help`} class="quiet">
            {words("voter.question.help")}
            {asking.until !== null && ` ${words("voter.question.until", { day: written(asking.until) })}`}
          </p>
          <textarea
            id={id}
            rows={4}
            value={text}
            maxLength={asking.most_letters}
            aria-describedby={`${id}-help`}
            autocomplete="off"
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <button type="submit" class="button primary" disabled={sending || text.trim() === ""}>
            {words("voter.question.send")}
          </button>
          <button type="button" class="button" onClick={() => setWriting(false)}>
            {words("voter.question.drop")}
          </button>
        </form>
      )}
      <p class={outcome === null ? "sr-only" : "said"} role="status">
        {outcome}
      </p>
    </>
  );
}

/** 2026-11-27 as it is written here. */
function written(day: string): string {
  return day.split("-").reverse().join("/");
}
