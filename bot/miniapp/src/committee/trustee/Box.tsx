/** The screens at the ballot box: it is sealed empty, and its close is signed. */

import { useState } from "preact/hooks";
import type { Check } from "../../protocol/audit/audit.ts";
import { ProtocolError } from "../../protocol/encoding/errors.ts";
import { COUNTS, parseBody } from "../../protocol/record/checkpoint.ts";
import type { ClosedBox, Signable } from "../../protocol/trustee/signable.ts";
import { words } from "../../shared/words.ts";
import type { Courier } from "./courier/courier.ts";
import { Button, Compare, HeadCount } from "./parts.tsx";
import { type ScreenProps, useAsked, useOnce, Waits } from "./screen.tsx";
import { quorumOf, signedAt } from "./view.ts";

const PAUSE = 1000; // milliseconds

// --- Before and after the seal ----------------------------------------------------------------

/** All have signed the definition: the key is tried, the session code compared, and then waited. */
export function WaitOpening(props: ScreenProps) {
  const { desk, view, act } = props;
  const code = useAsked(() => desk.sessionCode(view), act);
  const tried = useAsked(() => desk.tryKey().then(() => true), act);
  const [same, setSame] = useState(false);
  if (code === null) return null;
  if (!same && !desk.compared("session", code)) {
    return (
      <>
        <h1 tabIndex={-1}>{words("committee.trustee.sealed.title")}</h1>
        <p>{words("committee.trustee.sealed.what")}</p>
        <Compare desk={desk} kind="session" code={code} same={() => setSame(true)} />
      </>
    );
  }
  return (
    <Waits title={words("committee.trustee.wait.opening_title")} state={words("committee.trustee.wait.opening")}>
      {tried && <p class="good">{words("committee.trustee.tried")}</p>}
      <p>{words("committee.trustee.wait.opening_keep")}</p>
    </Waits>
  );
}

export function SignOpening(props: ScreenProps) {
  const { desk, view, act, busy } = props;
  const code = useAsked(() => desk.sessionCode(view), act);
  const [same, setSame] = useState(false);
  const [shown, setShown] = useState<Shown | null>(null);
  if (code === null) return null;
  const counted = (people: number): void =>
    act(async () => setShown({ signable: await desk.opening(view, people), people }));
  return (
    <>
      <h1 tabIndex={-1}>{words("committee.trustee.opening.title")}</h1>
      {!same && !desk.compared("session", code) ? (
        <Compare desk={desk} kind="session" code={code} same={() => setSame(true)} />
      ) : shown === null ? (
        <HeadCount busy={busy} counted={counted} />
      ) : (
        <>
          <Counts {...shown} />
          <p class="note">{words("committee.trustee.opening.ask")}</p>
          <Button
            main
            title={words("committee.trustee.opening.go")}
            busy={busy}
            act={() => act(() => desk.sign(shown.signable))}
          />
        </>
      )}
    </>
  );
}

/** What a person has counted, and what it is to be signed against. */
interface Shown {
  readonly signable: Signable;
  readonly people: number;
}

/** The numbers that a trustee answers for, beside its own. */
function Counts({ signable: { text }, people }: Shown) {
  const { state, counts } = parseBody(text);
  return (
    <dl class="numbers">
      <div class="own">
        <dt>{words("committee.trustee.counted.people")}</dt>
        <dd>{people}</dd>
      </div>
      {COUNTS[state].map((name, i) => (
        <div key={name}>
          <dt>{words(`committee.trustee.counted.${name as "registered"}`)}</dt>
          <dd>{counts[i]}</dd>
        </div>
      ))}
    </dl>
  );
}

export function WaitOpened({ view }: ScreenProps) {
  const values = { signed: Math.min(signedAt(view, "opening"), quorumOf(view)), needed: quorumOf(view) };
  return <Waits title={words("committee.trustee.wait.opened_title")} state={words("waiting.opening", values)} />;
}

/** The vote is under way; the code of the seal is compared with the screen in the hall. */
export function WaitClose(props: ScreenProps) {
  const { desk, view, act } = props;
  const code = useAsked(() => desk.openingCode(view), act);
  const [same, setSame] = useState(false);
  if (code === null) return null;
  if (!same && !desk.compared("opening", code)) {
    return (
      <>
        <h1 tabIndex={-1}>{words("committee.trustee.opened.title")}</h1>
        <Compare desk={desk} kind="opening" code={code} same={() => setSame(true)} />
      </>
    );
  }
  return <Waits title={words("committee.trustee.wait.close_title")} state={words("committee.trustee.wait.close")} />;
}

// --- The close --------------------------------------------------------------------------------

/**
 * Asks until there is something: the server signs the close a moment after the vote has ended. Throws
 * incomplete where asking again gives nothing else.
 */
export async function whenThere<T>({ live }: Courier, ask: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (!live) throw new ProtocolError("incomplete", "the step file has no closing, or too few signatures on it");
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** The closed box, as far as it is checked: null until it is. */
export function useClosedBox({ desk, view, act }: ScreenProps): readonly [ClosedBox | null, Check | null] {
  const [box, setBox] = useState<ClosedBox | null>(null);
  const [check, setCheck] = useState<Check | null>(null);
  useOnce(() => act(async () => setBox(await whenThere(desk.courier, () => desk.closedBox(view, setCheck)))));
  return [box, check];
}

export function Audit({ check }: { readonly check: Check | null }) {
  const values = check && { number: check.no, title: words(`committee.check.${check.id}.title`) };
  const label = words("committee.checking.title");
  const known = check?.done !== undefined && check.total !== undefined;
  return (
    <>
      <h1 tabIndex={-1}>{words("committee.trustee.closing.audit_title")}</h1>
      <p role="status" class="state">
        {values === null ? words("committee.trustee.closing.loading") : words("committee.checking.now", values)}
      </p>
      {known ? (
        <progress aria-label={label} max={check.total ?? 1} value={check.done ?? 0} />
      ) : (
        <progress aria-label={label} />
      )}
      <p class="quiet">{words("committee.checking.what")}</p>
    </>
  );
}

export function SignClosing(props: ScreenProps) {
  const { desk, act, busy } = props;
  const [box, check] = useClosedBox(props);
  const [same, setSame] = useState(false);
  const [shown, setShown] = useState<Shown | null>(null);
  if (box === null) return <Audit check={check} />;
  const known = same || desk.state.opening !== null || desk.compared("opening", box.openingCode);
  return (
    <>
      <h1 tabIndex={-1}>{words("committee.trustee.closing.title")}</h1>
      <p class="good">{words("committee.trustee.closing.held")}</p>
      {!known ? (
        <Compare desk={desk} kind="opening" code={box.openingCode} same={() => setSame(true)} />
      ) : shown === null ? (
        <HeadCount
          busy={busy}
          counted={(people) => act(async () => setShown({ signable: desk.closing(box, people), people }))}
        />
      ) : (
        <>
          <Counts {...shown} />
          <p class="note">{words("committee.trustee.closing.ask")}</p>
          <Button
            main
            title={words("committee.trustee.closing.go")}
            busy={busy}
            act={() => act(() => desk.sign(shown.signable))}
          />
        </>
      )}
    </>
  );
}

export function WaitClosed({ view }: ScreenProps) {
  const values = { signed: Math.min(signedAt(view, "closing"), quorumOf(view)), needed: quorumOf(view) };
  return <Waits title={words("committee.trustee.wait.closed_title")} state={words("waiting.closing", values)} />;
}
