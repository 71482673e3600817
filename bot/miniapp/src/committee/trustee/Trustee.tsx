/** The door of trustees: who, with which key; then the work. */

import { useEffect, useRef, useState } from "preact/hooks";
import { words } from "../../shared/words.ts";
import { Carried } from "./courier/carried.ts";
import type { Courier } from "./courier/courier.ts";
import { type Entry, entryOf } from "./courier/link.ts";
import { narrow, ownServer } from "./courier/policy.ts";
import { Server } from "./courier/server.ts";
import { readStep } from "./courier/stepfile.ts";
import type { Desk } from "./desk.ts";
import { Enter } from "./Enter.tsx";
import { Carry } from "./Files.tsx";
import { type FaultName, type Told, toldOf } from "./fault.ts";
import { MakeKey, OpenKey } from "./Key.tsx";
import { Button } from "./parts.tsx";
import { Stopped } from "./Stopped.tsx";
import { Waits } from "./screen.tsx";
import { hold, type Kept, kept, slotOf } from "./vault.ts";
import { own, type View } from "./view.ts";
import { Work } from "./Work.tsx";

const SLOT = "phieukin.entry"; // in sessionStorage: a reload needs no letter

/** Faults of what was entered: the same again would not help. */
const ENTERED: ReadonlySet<FaultName> = new Set(["bad_code", "not_trustee", "no_server", "unreachable"] as const);

/** Whose key is at hand, and what the browser keeps of it. */
interface Seat {
  readonly courier: Courier;
  readonly view: View;
  readonly before: Kept | null;
}

type Stage =
  | { readonly at: "enter" }
  | { readonly at: "asking" }
  | ({ readonly at: "make" | "open" } & Seat)
  | ({ readonly at: "work"; readonly desk: Desk } & Seat)
  | { readonly at: "carry"; readonly server: Server; readonly view: View }
  | { readonly at: "stopped"; readonly told: Told };

export function Trustee({ working }: { readonly working: () => void }) {
  const [stage, setStage] = useState<Stage>({ at: "enter" });
  const main = useRef<HTMLElement>(null);
  const opened = (seat: Seat, desk: Desk): void => {
    working();
    setStage({ ...seat, at: "work", desk });
  };
  const begin = async (seat: () => Promise<Stage>): Promise<void> => {
    setStage({ at: "asking" });
    try {
      setStage(await seat());
    } catch (error) {
      setStage({ at: "stopped", told: toldOf(error) });
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, from the address or from before a reload
  useEffect(() => {
    const entry = entryAtHand();
    if (entry !== null) void begin(() => entered(entry));
  }, []);
  useFocus(main);
  const again = (told: Told): void => {
    if (ENTERED.has(told.fault)) forget();
    location.reload(); // another server needs a policy of its own
  };
  return (
    <main ref={main}>
      {stage.at === "enter" && (
        <Enter
          enter={(entry) => void begin(() => entered(entry))}
          carried={(file) => void begin(() => carriedIn(file))}
        />
      )}
      {stage.at === "asking" && (
        <Waits title={words("committee.trustee.asking.title")} state={words("committee.trustee.asking.state")} />
      )}
      {stage.at === "make" && (
        <MakeKey {...stage} opened={(desk) => opened(stage, desk)} other={() => setStage({ ...stage, at: "open" })} />
      )}
      {stage.at === "open" && <OpenKey {...stage} opened={(desk) => opened(stage, desk)} />}
      {(stage.at === "make" || stage.at === "open") && stage.courier instanceof Server && (
        <CarryOnly server={stage.courier} view={stage.view} carry={setStage} />
      )}
      {stage.at === "carry" && <Carry {...stage} />}
      {stage.at === "work" && (
        <Work
          desk={stage.desk}
          first={stage.view}
          anew={() =>
            void kept(slotOf(stage.view.uuid, stage.view.index)).then((before) =>
              setStage({ ...stage, at: "make", before }),
            )
          }
        />
      )}
      {stage.at === "stopped" && <Stopped told={stage.told} again={() => again(stage.told)} />}
    </main>
  );
}

interface CarryOnlyProps {
  readonly server: Server;
  readonly view: View;
  readonly carry: (stage: Stage) => void;
}

/** The way for a computer that has the network and shall have no key. */
function CarryOnly({ server, view, carry }: CarryOnlyProps) {
  return (
    <section>
      <h2>{words("committee.trustee.carry.title")}</h2>
      <p>{words("committee.trustee.carry.what")}</p>
      <Button title={words("committee.trustee.carry.go")} act={() => carry({ at: "carry", server, view })} />
    </section>
  );
}

/** Logs in at the server, which is the only one that the page asks from now on. */
function entered(entry: Entry): Promise<Stage> {
  narrow(entry.server);
  remember(entry);
  return seated(new Server(entry));
}

/** Without a network: from now on the page asks nobody. */
async function carriedIn(file: File): Promise<Stage> {
  narrow(null);
  return seated(new Carried(await readStep(file)));
}

/** Holds the key for this window, and finds what there is of it. */
async function seated(courier: Courier): Promise<Stage> {
  const view = await courier.look();
  const slot = slotOf(view.uuid, view.index);
  await hold(slot);
  const before = await kept(slot);
  const fresh = view.state === "draft" && own(view, "step1") === undefined && before === null;
  return { at: fresh ? "make" : "open", courier, view, before };
}

/** With each screen, whoever hears or tabs begins at its top. */
function useFocus(main: { readonly current: HTMLElement | null }): void {
  useEffect(() => {
    const area = main.current;
    if (area === null) return;
    let title = area.querySelector("h1")?.textContent;
    const changed = new MutationObserver(() => {
      const shown = area.querySelector("h1");
      if (shown === null || shown.textContent === title) return;
      title = shown.textContent;
      scrollTo(0, 0);
      shown.focus();
    });
    changed.observe(area, { childList: true, subtree: true, characterData: true });
    return () => changed.disconnect();
  }, [main]);
}

/** From the address, which forgets it, or from before a reload. */
function entryAtHand(): Entry | null {
  const { hash } = location;
  try {
    if (hash.includes("c=")) {
      const link = location.href;
      history.replaceState(null, "", "#trustee");
      return entryOf({ text: link, server: ownServer() ?? "", uuid: "" });
    }
    const stored = sessionStorage.getItem(SLOT);
    return stored === null ? null : (JSON.parse(stored) as Entry);
  } catch {
    return null;
  }
}

function remember(entry: Entry): void {
  try {
    sessionStorage.setItem(SLOT, JSON.stringify(entry));
  } catch {
    // Forbidden or full: a reload asks for the letter again.
  }
}

/** The letter is asked for again. */
export function forget(): void {
  try {
    sessionStorage.removeItem(SLOT);
  } catch {
    // Forbidden: nothing was kept.
  }
}
