/** The page around its doors: the language can be changed at any time, and nothing is lost by it. */

import { useLayoutEffect, useState } from "preact/hooks";
import { chooseLanguage, language, words } from "../shared/words.ts";
import { Auditor } from "./Auditor.tsx";

export function Page() {
  const [, setDrawn] = useState(language());
  const other = language() === "vi" ? "en" : "vi";
  useLayoutEffect(() => {
    document.title = words("committee.title");
  });
  const change = async (): Promise<void> => {
    await chooseLanguage(other, []);
    setDrawn(language());
  };
  return (
    <>
      <Auditor />
      <footer class="screen">
        <button type="button" class="button" lang={other} onClick={() => void change()}>
          {words("committee.other_language")}
        </button>
      </footer>
    </>
  );
}
