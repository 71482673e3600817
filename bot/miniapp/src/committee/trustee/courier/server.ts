/** How a session's server is asked, with a bearer at the registrar and by nobody at the box (DESIGN §7). */

import { type Bytes, canonical } from "../../../protocol/encoding/encoding.ts";
import { ProtocolError } from "../../../protocol/encoding/errors.ts";
import { timeLimit } from "../../../shared/limit.ts";
import { Fault } from "../fault.ts";
import { decodeView, type View } from "../view.ts";
import type { Courier, Left } from "./courier.ts";
import type { Entry } from "./link.ts";

const TIMEOUT = 60_000; // milliseconds, of an answer as a whole
const RECORD_TIMEOUT = 1_800_000; // of an archive, on a slow line
export const LIMIT = 32 << 20; // bytes of an answer other than the record
const ATTEMPTS = 4;
const PAUSE = 500; // milliseconds, doubled each time
const LATER: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const CODE = /^[a-z_]{1,40}$/;

interface Call {
  readonly method?: "GET" | "POST" | "PUT";
  readonly body?: Bytes;
  readonly type?: string;
  readonly bearer?: string;
  readonly limit?: number;
  readonly timeout?: number;
}

/** A server, asked about one session by one trustee. */
export class Server implements Courier {
  readonly live = true;
  readonly entry: Entry;
  #bearer: string | null = null;

  constructor(entry: Entry) {
    this.entry = entry;
  }

  get uuid(): string {
    return this.entry.uuid;
  }

  async look(): Promise<View> {
    return decodeView(this.uuid, json(await this.overview()));
  }

  /** What the server shows, as it sends it. */
  overview(): Promise<Bytes> {
    return this.#known((bearer) => this.#bytes(this.#committee(), { bearer }));
  }

  async put(kind: Left, message: Bytes): Promise<void> {
    const call: Call = { method: "PUT", body: message, type: "application/octet-stream" };
    await this.#known((bearer) => this.#whole(`${this.#committee()}/${kind}`, { ...call, bearer }));
  }

  checkpoints(): Promise<Bytes> {
    return this.#bytes(`/api/v1/box/${this.entry.uuid}/checkpoints`);
  }

  credentials(): Promise<Bytes> {
    return this.#bytes(`/api/v1/box/${this.entry.uuid}/credentials`);
  }

  record(limit: number): Promise<Blob> {
    const timeout = RECORD_TIMEOUT;
    return this.#known((bearer) => this.#whole(`${this.#committee()}/record`, { bearer, limit, timeout }));
  }

  #committee(): string {
    return `/api/v1/committee/${this.entry.uuid}`;
  }

  /** With a bearer; the close makes the server forget all of them, so a refused one is asked for anew, once. */
  async #known<T>(work: (bearer: string) => Promise<T>): Promise<T> {
    const kept = this.#bearer;
    if (kept !== null) {
      try {
        return await work(kept);
      } catch (error) {
        if (!(error instanceof Fault) || error.fault !== "bad_code") throw error;
      }
    }
    const { uuid, code } = this.entry;
    const body = canonical({ uuid, code });
    const answer = json(await this.#bytes("/api/v1/registrar/login", { method: "POST", body }));
    const bearer = (answer as { bearer?: unknown } | null)?.bearer;
    if (typeof bearer !== "string") throw new Fault("no_server", "the answer has no bearer");
    this.#bearer = bearer;
    return work(bearer);
  }

  async #bytes(path: string, call: Call = {}): Promise<Bytes> {
    return new Uint8Array(await (await this.#whole(path, call)).arrayBuffer());
  }

  async #whole(path: string, call: Call): Promise<Blob> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await read(await this.#once(path, call), call.limit ?? LIMIT);
      } catch (error) {
        if (!(error instanceof Fault) || error.fault !== "unreachable" || attempt === ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, PAUSE * 2 ** attempt));
      }
    }
  }

  async #once(path: string, call: Call): Promise<Response> {
    const { method = "GET", body, type = "application/json", bearer, timeout = TIMEOUT } = call;
    const headers: Record<string, string> = {};
    if (body !== undefined) headers["Content-Type"] = type;
    if (bearer !== undefined) headers.Authorization = `Bearer ${bearer}`;
    let response: Response;
    try {
      response = await fetch(this.entry.server + path, {
        ...{ method, headers, body: body ?? null, credentials: "omit", referrerPolicy: "no-referrer" },
        ...{ cache: "no-store", redirect: "error", signal: timeLimit(timeout) },
      });
    } catch (error) {
      throw new Fault("unreachable", String(error));
    }
    if (!response.ok) throw await refusalOf(response);
    return response;
  }
}

/** What an answer holds, of at most so many bytes. */
async function read(response: Response, limit: number): Promise<Blob> {
  const [parts, reader] = [[] as Uint8Array<ArrayBuffer>[], response.body?.getReader()];
  let size = 0;
  for (;;) {
    const { done, value } = (await reader?.read().catch(broken)) ?? { done: true, value: undefined };
    if (done || value === undefined) return new Blob(parts);
    size += value.length;
    if (size > limit) {
      await reader?.cancel().catch(() => {});
      throw new Fault("too_large", `more than ${limit} bytes`);
    }
    parts.push(value);
  }
}

function broken(error: unknown): never {
  throw new Fault("unreachable", `the answer broke off: ${String(error)}`);
}

/** Throws a Fault no_server. */
export function json(raw: Bytes): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(raw));
  } catch {
    throw new Fault("no_server", "the answer is not JSON");
  }
}

/** What a problem document says (RFC 9457). Its text is not shown: it may be anything. */
async function refusalOf(response: Response): Promise<Error> {
  const problem = (await response.json().catch(() => null)) as { code?: unknown } | null;
  const code = typeof problem?.code === "string" && CODE.test(problem.code) ? problem.code : null;
  const detail = `the server answers ${response.status} ${code ?? ""}`;
  if (code === "bad_code") return new Fault("bad_code", detail);
  if (LATER.has(response.status)) return new Fault("unreachable", detail);
  if (code === null) return new Fault("no_server", detail);
  if (code === "refused") return new Fault("not_trustee", detail);
  // A trustee is named by those who checked a message, never by a server.
  return new ProtocolError(code === "faulty_trustee" ? "refused" : code, detail);
}
