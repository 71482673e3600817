/** The screens until the definition is signed by all. */

import { useState } from "preact/hooks";
import { trialShare } from "../../protocol/trustee/signing.ts";
import { language, words } from "../../shared/words.ts";
import { SecondCopy } from "./Key.tsx";
import { Button, Compare } from "./parts.tsx";
import { type ScreenProps, useAsked, useOnce, Waits } from "./screen.tsx";
import { missing, quorumOf, signedAt } from "./view.ts";

/** Nothing is sent before the key is known to lie in two places. */
export function First({ desk, act, busy }: ScreenProps) {
  return (
    <>
      <h1 tabIndex={-1}>{words("committee.trustee.copy.title")}</h1>
      <SecondCopy
        desk={desk}
        busy={busy}
        go={words("committee.trustee.first.go")}
        kept={() => act(() => desk.sendFirst())}
      />
    </>
  );
}

export function Agreement({ desk, view, act, busy }: ScreenProps) {
  const code = useAsked(async () => desk.agreement(view), act);
  if (code === null) return null;
  return (
    <>
      <h1 tabIndex={-1}>{words("committee.trustee.agreement.title")}</h1>
      <p>{words("committee.trustee.agreement.what")}</p>
      <Compare desk={desk} kind="agreement" code={code} busy={busy} same={() => act(() => desk.reveal(view))} />
    </>
  );
}

/** Needs nobody: the key is finished as soon as all have revealed. */
export function Third({ desk, view, act }: ScreenProps) {
  useOnce(() => act(() => desk.conclude(view)));
  return <Waits title={words("committee.trustee.third.title")} state={words("committee.trustee.third.state")} />;
}

/** The key is whole: it is tried, and may be copied as it is now. */
export function Proposal({ desk, view, act, busy }: ScreenProps) {
  const [copying, setCopying] = useState(false);
  const tried = useAsked(async () => trialShare(desk.state), act);
  const others = missing(view, desk.state.size === 1 ? "step1" : "step3");
  const state =
    others.length > 0
      ? words("committee.trustee.wait.step3", { missing: others.join(", ") })
      : words("committee.trustee.wait.proposal");
  return (
    <Waits title={words("committee.trustee.wait.proposal_title")} state={state}>
      {tried !== null && <p class="good">{words("committee.trustee.tried")}</p>}
      {copying ? (
        <SecondCopy desk={desk} busy={busy} go={words("committee.trustee.copy.done")} kept={() => setCopying(false)} />
      ) : (
        <Button title={words("committee.trustee.copy.newer")} act={() => setCopying(true)} />
      )}
    </Waits>
  );
}

/** Everything that a trustee answers for with the signature of φ. */
export function Definition({ desk, view, act, busy }: ScreenProps) {
  const shown = useAsked(async () => desk.definition(view), act);
  if (shown === null) return null;
  const { signable, session, regime } = shown;
  const { election } = signable;
  const { policy, officials, rosterSize, committee } = election.ours;
  const size = committee.members.length;
  const facts: readonly (readonly [string, string])[] = [
    [words("committee.trustee.shown.body"), session.body],
    [words("committee.trustee.shown.date"), session.date.split("-").reverse().join("/")],
    [words("committee.trustee.shown.levels"), policy.levels.map(({ label }) => label).join("; ")],
    [
      words("committee.trustee.shown.channels"),
      policy.channels.map((name) => words(`committee.trustee.channel.${name}`)).join(", "),
    ],
    [words("committee.trustee.shown.regime"), regime.title[language()]],
    [words("committee.trustee.shown.roster"), String(rosterSize)],
    [words("committee.trustee.shown.min_ballots"), String(policy.minBallots)],
    [
      words("committee.trustee.shown.committee"),
      words("committee.trustee.shown.members", { size, threshold: committee.threshold, quorum: quorumOf(view) }),
    ],
    [
      words("committee.trustee.shown.check"),
      words("committee.trustee.shown.seconds", { seconds: policy.checkSeconds }),
    ],
  ];
  return (
    <>
      <h1 tabIndex={-1}>{words("committee.trustee.definition.title")}</h1>
      <p>{words("committee.trustee.definition.what")}</p>
      {policy.rehearsal && <p class="rehearsal">{words("committee.verdict.rehearsal")}</p>}
      <p class="session">{session.title}</p>
      <dl class="about">
        {facts.map(([name, fact]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{fact}</dd>
          </div>
        ))}
      </dl>
      <h2>{words("committee.trustee.shown.officials", { number: officials.length })}</h2>
      <ol>
        {officials.map(({ name, position }) => (
          <li key={`${name} ${position}`}>{position === "" ? name : `${name} – ${position}`}</li>
        ))}
      </ol>
      <details>
        <summary>{words("committee.phi")}</summary>
        <p class="hash">{election.phi}</p>
      </details>
      <p class="note">{words("committee.trustee.definition.once")}</p>
      <Button
        main
        title={words("committee.trustee.definition.go")}
        busy={busy}
        act={() => act(() => desk.sign(signable))}
      />
    </>
  );
}

export function WaitSeal({ view }: ScreenProps) {
  const values = { signed: signedAt(view, "definition"), needed: view.size };
  return (
    <Waits title={words("committee.trustee.wait.seal_title")} state={words("waiting.definition", values)}>
      <p>{words("committee.trustee.wait.missing", { missing: missing(view, "seal").join(", ") || "–" })}</p>
    </Waits>
  );
}
