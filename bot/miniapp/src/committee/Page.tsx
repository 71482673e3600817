/** The page around its doors: the language can be changed at any time, and nothing is lost by it. */

import { useLayoutEffect, useState } from "preact/hooks";
import { chooseLanguage, language, words } from "../shared/words.ts";
import { Auditor } from "./Auditor.tsx";
import { type Door, Home } from "./Home.tsx";
import { narrow } from "./trustee/courier/policy.ts";
import { forget, Trustee } from "./trustee/Trustee.tsx";

export function Page() {
  const [, setDrawn] = useState(language());
  const [door, setDoor] = useState(doorAtHand);
  const [working, setWorking] = useState(false); // a trustee at work loses nothing by a slip
  const other = language() === "vi" ? "en" : "vi";
  useLayoutEffect(() => {
    document.title = words("committee.title");
  });
  const change = async (): Promise<void> => {
    await chooseLanguage(other, []);
    setDrawn(language());
  };
  const open = (chosen: Door): void => {
    if (chosen === "auditor") narrow(null); // an audit asks nobody
    location.hash = chosen;
    setDoor(chosen);
  };
  const home = (): void => {
    history.replaceState(null, "", location.pathname + location.search);
    forget();
    location.reload(); // what the page may reach was narrowed for one door
  };
  return (
    <>
      {door === null && <Home open={open} />}
      {door === "auditor" && <Auditor />}
      {door === "trustee" && <Trustee working={() => setWorking(true)} />}
      <footer class="screen">
        {door !== null && !working && (
          <button type="button" class="button" onClick={home}>
            {words("committee.home.back")}
          </button>
        )}
        <button type="button" class="button" lang={other} onClick={() => void change()}>
          {words("committee.other_language")}
        </button>
      </footer>
    </>
  );
}

/** Which door the address names: that of trustees also by a code. */
function doorAtHand(): Door | null {
  const { hash } = location;
  if (hash === "#auditor") narrow(null);
  if (hash === "#auditor") return "auditor";
  return hash === "#trustee" || hash.includes("c=") ? "trustee" : null;
}
