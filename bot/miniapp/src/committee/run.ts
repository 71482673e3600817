/** An audit that is running: its checks as they come, and its report. */

import { type AuditRequest, audit, type Check, type Report } from "../protocol/audit/audit.ts";
import Judging from "../protocol/audit/judging.ts?worker&inline"; // a file has no scripts beside it
import { workers } from "../protocol/audit/pool.ts";
import type { Request } from "./Choose.tsx";

/** Why an audit ended, where that is no fault of the record. */
export interface Failure {
  readonly why: "unreadable" | "stopped";
  readonly detail: string;
}

const UNREADABLE: ReadonlySet<string> = new Set(["NotReadableError", "NotFoundError", "SecurityError", "AbortError"]);
const PAINTED = 50; // milliseconds between two pictures of the progress

/** Ballots are judged on all cores. */
export function judges(): ReturnType<typeof workers> {
  return workers(() => new Judging());
}

/** An audit under way; `heard` gets the checks made so far, the last of which may be running. */
export class Run {
  private stopped = false;

  constructor(
    private readonly request: Request,
    private readonly heard: (checks: readonly Check[]) => void,
  ) {}

  /** The audit to its end. Throws what is no fault of the record. */
  async report(): Promise<Report> {
    const { record, fingerprint, promises, auditors } = this.request;
    const request: AuditRequest = {
      record,
      ...(fingerprint === null ? {} : { fingerprint }),
      promises: await Promise.all(promises.map(async (file) => new Uint8Array(await file.arrayBuffer()))),
      ...(auditors === null ? {} : { auditors }),
    };
    const checks = audit(request, judges());
    const ended: Check[] = [];
    let painted = 0;
    for (;;) {
      const { done, value } = await checks.next();
      if (done) return value;
      if (this.stopped) {
        await checks.return(NOTHING);
        throw new DOMException("the audit was given up", "AbortError");
      }
      if (value.state !== "running") ended.push(value);
      const now = performance.now();
      if (now - painted < PAINTED && value.state !== "running") continue;
      painted = now;
      this.heard(value.state === "running" ? [...ended, value] : [...ended]);
    }
  }

  /** Gives the audit up. */
  stop(): void {
    this.stopped = true;
  }
}

const NOTHING = undefined as never; // nobody reads the report of an audit that was given up

/** What an error says that the audit threw. */
export function failureOf(error: unknown): Failure {
  const [name, message] = error instanceof Error ? [error.name, error.message] : ["", String(error)];
  return { why: UNREADABLE.has(name) ? "unreadable" : "stopped", detail: `${name}: ${message}` };
}
