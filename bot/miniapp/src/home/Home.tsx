/** What this is, the way in by the letter, how it can be verified. */

import { useState } from "preact/hooks";
import { language, words } from "../shared/words.ts";

const LINK = /\/v\/([1-9A-HJ-NP-Za-km-z]{14,32})\/?(#.*)?$/i;
// What copying from a PDF or a message puts into a link, and what a sentence puts behind it.
const STRAY = /[\s\u00ad\u200b-\u200f\u2060\ufeff]|[.,;>)\]"'”»]+$/gu;

/** The way in; also shown at an address where nothing is. */
export function Home({ lost }: { lost: boolean }) {
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const go = (event: Event): void => {
    event.preventDefault();
    const link = LINK.exec(text.replace(STRAY, ""));
    setWrong(link === null);
    if (link !== null) location.assign(`/v/${link[1]}${link[2] ?? ""}`);
  };
  return (
    <>
      <main>
        <h1>{words("home.title")}</h1>
        {lost && (
          <p role="alert" class="wrong">
            {words("home.lost")}
          </p>
        )}
        <p>{words("home.what")}</p>
        <p>{words("home.secret")}</p>
        <p>{words("home.counted")}</p>
        <form onSubmit={go}>
          <h2>{words("home.enter")}</h2>
          <p id="link-help">{words("home.enter_how")}</p>
          <label for="link">{words("home.link")}</label>
          <input
            id="link"
            value={text}
            aria-describedby="link-help link-wrong"
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <p id="link-wrong" role="alert" class="wrong">
            {wrong && words("home.wrong")}
          </p>
          <button type="submit" class="button primary">
            {words("home.go")}
          </button>
        </form>
        <section>
          <h2>{words("home.verify")}</h2>
          <p>{words("home.verify_how")}</p>
          <p>
            <a class="button" href="/committee#auditor">
              {words("home.auditor")}
            </a>
          </p>
          <p>
            <a class="button" href="/page.sha256">
              {words("home.hashes")}
            </a>
          </p>
        </section>
      </main>
      <Languages />
    </>
  );
}

/** To the other language. */
export function Languages() {
  const target = language() === "vi" ? "en" : "vi";
  return (
    <footer>
      <p>
        <a class="button" href={`?lang=${target}`} lang={target} hreflang={target}>
          {target === "en" ? "English" : "Tiếng Việt"}
        </a>
      </p>
    </footer>
  );
}
