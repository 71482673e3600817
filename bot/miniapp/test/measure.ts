/**
 * What the page's own code takes, in milliseconds, on the thread that runs it: tests/browser/speed.py
 * runs it in Chromium, slowed down or not, and in node.
 */

import { checkOpening, Opening } from "../src/protocol/ballot/ballot.ts";
import { Secrets } from "../src/protocol/ballot/secrets.ts";
import { canonical, fromBase64, type Json, parseJson, sha256, utf8 } from "../src/protocol/encoding/encoding.ts";
import { element, randomScalar } from "../src/protocol/group/group.ts";
import { checkCommittee, checkNote, SIGNED_STATES, splitNotes } from "../src/protocol/record/checkpoint.ts";
import { parseNote } from "../src/protocol/record/note.ts";
import { importIssuer } from "../src/protocol/session/issuer.ts";
import { Election } from "../src/protocol/session/session.ts";
import type { Answer, Definition, Prepared, Task } from "../src/voter/work.ts";
import { Workbench } from "../src/voter/workbench.ts";

/** A sealed definition of any size, and the checkpoints of its session in base64. */
export interface Given {
  readonly election: string;
  readonly checkpoints: string;
  readonly officials: number;
  readonly listed: number;
  readonly runs: number;
}

type Times = Record<string, number>;

/** Each figure a median but those that are said to be of the first time. */
export async function measure(given: Given): Promise<Times> {
  const { uuid, phi, publicKey, questions } = withOfficials(given.election, given.officials);
  const election = { uuid, phi, publicKey: publicKey.hex, questions };
  return { ...(await ofBallot(election, given)), ...(await ofLists(given)) };
}

/** A first ballot of which nothing was made ahead, then ballots while the voter read, then a check. */
async function ofBallot(election: Definition, { officials, runs }: Given): Promise<Times> {
  const choices = Array.from({ length: officials }, (_, i) => i % 3);
  const times: Times = {};
  const prepare: Task = { do: "prepare", election, secret: String(randomScalar()), choices };
  times.tables_first = await timed(() => new Workbench(() => {}).take({ do: "warm", election }));
  times.encrypt_first = await timed(() => asked(new Workbench(hear), prepare));
  await laid();
  times.encrypt_unprepared = await median(runs, async () => {
    const took = await timed(() => asked(new Workbench(hear), prepare));
    await laid();
    return took;
  });
  times.ahead = await median(runs, () => timed(() => new Workbench(() => {}).take({ do: "lay", election })));
  const bench = new Workbench(hear);
  await bench.take({ do: "lay", election });
  let prepared: Prepared | null = null;
  times.encrypt = await median(runs, async () => {
    const took = await timed(async () => {
      prepared = (await asked(bench, prepare)) as Prepared;
    });
    await laid();
    return took;
  });
  if (prepared === null) throw new Error("nothing was encrypted");
  const { ballot, opening } = prepared as Prepared;
  const form = { ...election, publicKey: element(election.publicKey, "public_key") };
  times.check = await median(Math.min(runs, 3), () =>
    timed(async () => checkOpening(ballot, form, Opening.decode(opening))),
  );
  return times;
}

/** The definition, the committee's signatures on a close, the list of trackers, the blinded request. */
async function ofLists({ election: text, checkpoints, listed, runs }: Given): Promise<Times> {
  const election = Election.decode(utf8(text));
  const note = splitNotes(fromBase64(checkpoints, "checkpoints"))[SIGNED_STATES.indexOf("closed")];
  if (note === undefined) throw new Error("no close");
  const trackers = Array.from({ length: listed }, (_, i) => sha256(utf8(String(i))).slice(0, 43)).sort();
  const list = canonical(trackers);
  const issuer = await importIssuer(election.ours.issuer);
  return {
    definition: await median(runs, () => timed(async () => Election.decode(utf8(text)))),
    committee: await median(runs, () =>
      timed(async () => {
        checkNote(parseNote(note), election, "closed", null);
        checkCommittee(parseNote(note), election);
      }),
    ),
    list: await median(runs, () =>
      timed(async () => {
        const value = parseJson(list, "trackers", list.length) as readonly Json[];
        if (!value.includes(trackers[listed >> 1] ?? "")) throw new Error("not on the list");
        sha256(list);
      }),
    ),
    blind: await median(Math.min(runs, 3), () => timed(() => Secrets.make(issuer, election.phi))),
  };
}

function withOfficials(text: string, size: number): Election {
  const value = JSON.parse(text) as { questions: { question: string }[]; phieukin: { officials: object[] } };
  const [question] = value.questions;
  const officials = Array.from({ length: size }, (_, i) => ({ name: `Official ${i + 1}`, position: "" }));
  value.questions = officials.map(({ name }) => ({ ...question, question: name }));
  value.phieukin.officials = officials;
  return Election.decode(canonical(value as unknown as Json));
}

let waiting: (answer: Answer) => void = () => {};
let taken: Promise<void> = Promise.resolve();

function hear(answer: Answer): void {
  if (answer.is !== "progress") waiting(answer);
}

/** The answer to a task; afterwards the bench goes on with the next ballot. */
function asked(bench: Workbench, task: Task): Promise<Answer> {
  return new Promise((resolve) => {
    waiting = resolve;
    taken = bench.take(task);
  });
}

/** Waits until the next ballot is made ahead. */
async function laid(): Promise<void> {
  await taken;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function median(runs: number, once: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) times.push(await once());
  times.sort((a, b) => a - b);
  return times[times.length >> 1] ?? 0;
}
