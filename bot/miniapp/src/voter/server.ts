/**
 * How the server is asked: by nobody at the box, with a bearer at the registrar.
 *
 * Every call may be repeated: the server gives the same answer, or refuses without a change.
 * So whatever fails on the way is tried again for a while, with the same bytes. Who is told when to
 * come back (Retry-After) does, as often as it is told: a busy ballot box keeps a place in its line.
 */

import { ProtocolError } from "../protocol/encoding/errors.ts";
import { between } from "../shared/chance.ts";
import { timeLimit } from "../shared/limit.ts";

const FIRST_PAUSE = 500; // milliseconds
const LONGEST_PAUSE = 8_000;
const ATTEMPTS = 8;
const TIMEOUT = 60_000; // a ballot may wait for its check for a while
const JITTER = 2_000; // milliseconds after the moment to come back; the box keeps a place 15 s longer
const LONGEST = 120; // seconds; a server that says more is not believed
const LATER = new Set([408, 429, 500, 502, 503, 504]);
const CODE = /^[a-z_]{1,40}$/;

/** No answer, or not one of such a server: the same call may succeed later. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

/** When to come back, and the place in line that is kept until then, if there is one. */
export interface Later {
  readonly seconds: number;
  readonly place: number | null;
}

/** The server said no. `code` is that of its problem document. */
export class Refusal extends Error {
  override name = "Refusal";
  constructor(
    readonly code: string,
    readonly status: number,
    readonly later: Later | null = null,
  ) {
    super(code);
  }

  /** Whether a busy server takes the same call later: no failure, however often it says so. */
  get inLine(): boolean {
    return this.code === "busy" && this.later !== null;
  }
}

export interface Call {
  readonly method?: "GET" | "POST" | "PUT";
  readonly body?: Uint8Array<ArrayBuffer> | string;
  readonly type?: string;
  readonly bearer?: string;
  readonly attempts?: number;
  /** Told before each pause; waiting in line is no failure. */
  readonly failing?: (failures: number, place: number | null) => void;
}

/** The answer to one call, tried again while the way to the server is bad. */
export async function ask(path: string, call: Call = {}): Promise<Response> {
  const attempts = call.attempts ?? ATTEMPTS;
  for (let failures = 0; ; ) {
    try {
      return await once(path, call);
    } catch (error) {
      const refused = error instanceof Refusal ? error : null;
      if (!passes(error)) throw error;
      if (!refused?.inLine || call.attempts !== undefined) failures++;
      if (failures >= attempts) throw error;
      call.failing?.(failures, refused?.later?.place ?? null);
      await pause(refused?.later ?? null, failures);
    }
  }
}

function passes(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Refusal && LATER.has(error.status));
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
  throw await refusal(response);
}

/** What a problem document says (RFC 9457). Its text is not shown: it may be anything. */
async function refusal(response: Response): Promise<Refusal> {
  let problem: { code?: unknown; place?: unknown } = {};
  try {
    problem = ((await response.json()) as typeof problem | null) ?? {};
  } catch {
    // Not a problem document: the status alone is known.
  }
  const { code, place } = problem;
  const named = typeof code === "string" && CODE.test(code);
  const unnamed = response.status === 404 ? "not_found" : "internal_error";
  return new Refusal(named ? code : unnamed, response.status, laterOf(response.headers.get("Retry-After"), place));
}

function laterOf(header: string | null, place: unknown): Later | null {
  if (header === null || !/^[0-9]{1,4}$/.test(header)) return null;
  const kept = typeof place === "number" && Number.isSafeInteger(place) && place > 0;
  return { seconds: Math.min(Number(header), LONGEST), place: kept ? place : null };
}

async function pause(later: Later | null, failures: number): Promise<void> {
  // Many phones that failed together must not come back together.
  const ceiling = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1));
  const wait = later === null ? ceiling / 2 + between(0, ceiling / 2) : 1000 * later.seconds + between(0, JITTER);
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
