/** A trustee without a network: what came in a step file, and answers that go out as files. */

import type { Bytes } from "../../../protocol/encoding/encoding.ts";
import { download } from "../../../shared/download.ts";
import { Fault } from "../fault.ts";
import type { View } from "../view.ts";
import type { Courier, Left } from "./courier.ts";
import { answerFile, readStep, type StepFile } from "./stepfile.ts";

export class Carried implements Courier {
  readonly live = false;
  #step: StepFile;
  /** What was answered to this step file, as if the server had it. */
  #answers: readonly (readonly [Left, File, Bytes])[] = [];

  #heard: () => void = () => {};

  constructor(step: StepFile) {
    this.#step = step;
  }

  get uuid(): string {
    return this.#step.view.uuid;
  }

  /** The answers to this step file, in the order in which they were saved. */
  get answers(): readonly File[] {
    return this.#answers.map(([, file]) => file);
  }

  /** Says when there is another answer. Returns how to stop it. */
  listen(heard: () => void): () => void {
    this.#heard = heard;
    return () => {
      this.#heard = () => {};
    };
  }

  /** Goes on with a later step file. Throws a Fault no_step_file, cut_step_file, other_step; malformed. */
  async take(file: Blob): Promise<void> {
    const step = await readStep(file);
    const [before, after] = [this.#step.view, step.view];
    if (after.uuid !== before.uuid || after.index !== before.index) {
      throw new Fault("other_step", `${after.uuid}, trustee ${after.index}`);
    }
    this.#step = step;
    this.#answers = []; // what has not arrived is asked for again
  }

  async look(): Promise<View> {
    const { view } = this.#step;
    const messages = Object.fromEntries(
      Object.entries(view.messages).map(([kind, owners]) => {
        const answer = this.#answers.find(([answered]) => answered === kind)?.[2];
        return [kind, answer === undefined ? owners : new Map([...owners, [view.index, answer]])];
      }),
    );
    return { ...view, messages: messages as View["messages"] };
  }

  async put(kind: Left, message: Bytes): Promise<void> {
    const file = answerFile(this.#step.view, kind, message);
    this.#answers = [...this.#answers.filter(([answered]) => answered !== kind), [kind, file, message]];
    download(file);
    this.#heard();
  }

  async checkpoints(): Promise<Bytes> {
    return this.#step.checkpoints;
  }

  async credentials(): Promise<Bytes> {
    return this.#step.credentials;
  }

  async record(limit: number): Promise<Blob> {
    const { record } = this.#step;
    if (record.size > limit) throw new Fault("too_large", `more than ${limit} bytes`);
    return record;
  }
}
