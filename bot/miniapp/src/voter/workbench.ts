/** Does the slow work in slices, so that whoever shares its thread stays alive: a worker, or the page. */

import { checkingOpening, Opening } from "../protocol/ballot/ballot.ts";
import { Blank, preparing, warm } from "../protocol/ballot/prepare.ts";
import { ProtocolError } from "../protocol/encoding/errors.ts";
import { element } from "../protocol/group/group.ts";
import type { Form } from "../protocol/session/session.ts";
import type { Answer, Checked, Definition, Prepared, Task } from "./work.ts";

const SLICE = 25; // milliseconds

export class Workbench {
  private form: Form | null = null;
  /** What is made ahead of the next ballot. */
  private blank: Blank | null = null;

  /** @param answer hears the answers, and for each line how many steps of a task are done. */
  constructor(private readonly answer: (answer: Answer) => void) {}

  /** Does a task; what the next ballot needs is begun once the answer is given. */
  async take(task: Task): Promise<void> {
    try {
      const election = this.formOf(task.election);
      if (task.do === "check") this.answer(await this.check(election, task));
      if (task.do === "prepare") this.answer(await this.prepare(election, task));
      if (task.do === "warm") warm(election);
      if (task.do === "prepare" || task.do === "lay") await this.lay(election);
    } catch (error) {
      const code = error instanceof ProtocolError ? error.code : null;
      this.answer({ is: "failed", code, detail: error instanceof Error ? error.message : "" });
    }
  }

  /** The same object for the same definition: a blank belongs to one, and so do the tables of its key. */
  private formOf({ uuid, phi, publicKey, questions }: Definition): Form {
    if (this.form?.phi !== phi || this.form.publicKey.hex !== publicKey) {
      this.form = { uuid, phi, publicKey: element(publicKey, "public_key"), questions };
    }
    return this.form;
  }

  /** Makes a blank, until it is whole or was taken away. */
  private async lay(election: Form): Promise<void> {
    if (this.blank?.election === election) return;
    const blank = new Blank(election);
    this.blank = blank;
    const lines = function* (bench: Workbench): Generator<void, void> {
      while (bench.blank === blank && blank.grow()) yield;
    };
    await inSlices(lines(this), () => {});
  }

  private async prepare(election: Form, task: Extract<Task, { do: "prepare" }>): Promise<Prepared> {
    const blank = this.blank?.election === election ? this.blank : new Blank(election);
    this.blank = null;
    const work = preparing(blank, BigInt(task.secret), task.choices);
    const { raw, tracker, opening } = await inSlices(work, (done) => this.answer({ is: "progress", done }));
    return { is: "prepared", ballot: raw, tracker, opening: opening.encode() };
  }

  private async check(election: Form, task: Extract<Task, { do: "check" }>): Promise<Checked> {
    const opening = Opening.decode(task.opening);
    let done = 0;
    const work = checkingOpening(task.ballot, election, opening);
    await inSlices(work, () => this.answer({ is: "progress", done: ++done }));
    return { is: "checked", tracker: opening.tracker, choices: opening.choices };
  }
}

/** Does the work to its end, with a pause after each slice. */
async function inSlices<S, T>(work: Generator<S, T>, hear: (step: S) => void): Promise<T> {
  let began = performance.now();
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    hear(step.value);
    if (performance.now() - began < SLICE) continue;
    await new Promise((resolve) => setTimeout(resolve));
    began = performance.now();
  }
}
