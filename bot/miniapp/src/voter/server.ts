/**
 * How the server is asked: by nobody at the box, with a bearer at the registrar.
 *
 * Every call may be repeated: the server gives the same answer, or refuses without a change.
 * So whatever fails on the way is tried again for a while, with the same bytes.
 */

import { ProtocolError } from "../protocol/errors.ts";
import { between } from "../shared/chance.ts";
import { timeLimit } from "../shared/limit.ts";

const FIRST_PAUSE = 500; // milliseconds
const LONGEST_PAUSE = 8_000;
const ATTEMPTS = 8;
const TIMEOUT = 60_000; // a ballot may wait for its check for a while
const LATER = new Set([408, 429, 500, 502, 503, 504]);
const CODE = /^[a-z_]{1,40}$/;

/** No answer, or not one of such a server: the same call may succeed later. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

/** The server said no. `code` is that of its problem document. */
export class Refusal extends Error {
  override name = "Refusal";
  constructor(
    readonly code: string,
    readonly status: number,
  ) {
    super(code);
  }
}

export interface Call {
  readonly method?: "GET" | "POST" | "PUT";
  readonly body?: Uint8Array<ArrayBuffer> | string;
  readonly type?: string;
  readonly bearer?: string;
  readonly attempts?: number;
  /** Told after each failure, before the pause. */
  readonly failing?: (failures: number) => void;
}

/** The answer to one call, tried again while the way to the server is bad. */
export async function ask(path: string, call: Call = {}): Promise<Response> {
  const attempts = call.attempts ?? ATTEMPTS;
  for (let failures = 1; ; failures++) {
    try {
      return await once(path, call);
    } catch (error) {
      const again = error instanceof Unreachable || (error instanceof Refusal && LATER.has(error.status));
      if (!again || failures >= attempts) throw error;
      call.failing?.(failures);
      await pause(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1)));
    }
  }
}

async function once(path: string, call: Call): Promise<Response> {
  const headers: Record<string, string> = {};
  if (call.body !== undefined) headers["Content-Type"] = call.type ?? "application/json";
  if (call.bearer !== undefined) headers.Authorization = `Bearer ${call.bearer}`;
  let response: Response;
  try {
    response = await fetch(path, {
      method: call.method ?? "GET",
      headers,
      body: call.body ?? null,
      credentials: "omit",
      referrerPolicy: "no-referrer",
      cache: "no-store",
      redirect: "error",
      signal: timeLimit(TIMEOUT),
    });
  } catch {
    throw new Unreachable(path);
  }
  if (response.ok) return response;
  throw new Refusal(await problem(response), response.status);
}

/** The code of a problem document (RFC 9457). Its text is not shown: it may be anything. */
async function problem(response: Response): Promise<string> {
  try {
    const code: unknown = ((await response.json()) as { code?: unknown }).code;
    if (typeof code === "string" && CODE.test(code)) return code;
  } catch {
    // Not a problem document: the status alone is known.
  }
  return response.status === 404 ? "not_found" : "internal_error";
}

async function pause(ceiling: number): Promise<void> {
  // Many phones that failed together must not come back together.
  const wait = ceiling / 2 + between(0, ceiling / 2);
  await new Promise((resolve) => setTimeout(resolve, wait));
}

/** The bytes of an answer. */
export async function bytes(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch {
    throw new Unreachable("the answer broke off");
  }
}

/** Texts of a JSON answer, by the names of their fields. */
export async function texts(response: Response, ...names: readonly string[]): Promise<string[]> {
  let value: unknown;
  try {
    value = await response.json();
  } catch {
    throw new Unreachable("the answer broke off");
  }
  return names.map((name) => {
    const text = (value as Record<string, unknown> | null)?.[name];
    if (typeof text !== "string") throw new ProtocolError("malformed", `the answer has no ${name}`);
    return text;
  });
}
