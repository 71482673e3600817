/** The vectors of tests/vectors, shared with the Python twin, and how their refusals are judged. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { utf8 } from "../src/protocol/encoding/encoding.ts";
import { ProtocolError } from "../src/protocol/encoding/errors.ts";
import { Election } from "../src/protocol/session/session.ts";

const FOLDER = new URL("../../../tests/vectors/", import.meta.url);

export interface Vector<Input = Record<string, string>> {
  readonly name: string;
  readonly input: Input;
  readonly expect: string;
  readonly output?: unknown;
}

export function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, FOLDER), "utf-8")) as T;
}

/** The vectors of a file of tests/vectors/own. */
export function own<Input = Record<string, string>>(name: string): readonly Vector<Input>[] {
  return read<{ vectors: Vector<Input>[] }>(`own/${name}.json`).vectors;
}

const elections = read<{ elections: Record<string, string> }>("own/ballot.json").elections;

/** One of the definitions that the vectors share. */
export function election(name: string): Election {
  return Election.decode(utf8(elections[name] ?? ""));
}

/** "ok", or the code of the refusal. Anything but a ProtocolError fails the test. */
export async function outcome(run: () => unknown): Promise<string> {
  try {
    await run();
    return "ok";
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
    return error instanceof ProtocolError ? error.code : "";
  }
}

/** By the name of a vector file what is done with an input of it: every vector gives what it says. */
export function judged(run: Readonly<Record<string, (input: never) => unknown>>): void {
  describe.each(Object.entries(run))("%s", (file, judge) => {
    test.each(own<never>(file).map((vector) => [vector.name, vector] as const))("%s", async (_, vector) => {
      let output: unknown;
      const verdict = await outcome(async () => {
        output = await judge(vector.input);
      });
      expect(verdict).toBe(vector.expect);
      if (verdict === "ok" && output !== undefined) expect(output).toEqual(vector.output);
    });
  });
}
