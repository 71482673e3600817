/**
 * The definition of a session: election.json, its fingerprint φ, and our own parameters
 * (docs/protocol.md §3; the twin of crypto/session.py).
 *
 * φ, the hash of the bytes, is the identity of the session; every proof, token and checkpoint
 * contains it. A definition without the field `phieukin` is a stock Belenios election: it has no
 * tokens and no checkpoints, and `parameters` is null.
 */

import {
  array,
  type Bytes,
  b64Sha256,
  boolean,
  fields,
  fromBase64,
  hexDigest,
  integer,
  type Json,
  parseJson,
  sha256,
  string,
  text,
  uuid,
} from "../encoding/encoding.ts";
import { malformed, ProtocolError } from "../encoding/errors.ts";
import { type Element, element, elementBytes } from "../group/group.ts";
import { type Committee, committeeFromJson } from "./committee.ts";
import { checkIssuer } from "./issuer.ts";

export const LIMIT = 1 << 20; // bytes of an election.json; 200 officials need about 60 kB
export const MAX_OFFICIALS = 200; // several ballot papers together
export const MAX_LEVELS = 5;
export const MIN_BALLOTS_FLOOR = 5; // fewer ballots cannot hide who cast them

export const CHANNELS = ["miniapp", "browser", "chat", "cli", "paper"] as const;
/** A way of voting. */
export type Channel = (typeof CHANNELS)[number];

export const CHECK_SECONDS_FLOOR = 30; // a rehearsal may do without
export const CHECK_SECONDS_MOST = 3600;

const KEY_BYTES = 32;
const STOCK_FIELDS = ["administrator", "credential_authority"] as const;

/** One answer: its key in our files and the legal wording on the ballot. */
export interface Level {
  readonly key: string;
  readonly label: string;
}

/** A person who is rated; `position` may be empty. */
export interface Official {
  readonly name: string;
  readonly position: string;
}

/** The text of the question as any Belenios program shows it. */
export function questionOf(official: Official): string {
  return official.position ? `${official.name} – ${official.position}` : official.name;
}

/**
 * The rules of the session that everyone must be able to rely on: `levels` in legal order, no total
 * opened under `minBallots`; `invalid` is "line" where a line may stay blank, "ballot" where every
 * line must be filled; `fewest` the least number of marks on a line; `checkSeconds` how long each
 * trustee waits between the closing and the totals.
 */
export interface Policy {
  readonly levels: readonly Level[];
  readonly channels: readonly Channel[];
  readonly minBallots: number;
  readonly regime: string;
  readonly invalid: "line" | "ballot";
  readonly publication: "public" | "members";
  readonly recovery: "phone" | "none";
  readonly rehearsal: boolean;
  readonly checkSeconds: number;
  readonly fewest: 0 | 1;
}

/**
 * The field `phieukin`: SHA-256 of trustees.json and session.json in hex, the trustees' keys and what
 * they committed to, the token issuer's key (SubjectPublicKeyInfo in DER), the parties' Ed25519 keys of 32 bytes, the roster's size and HMAC,
 * the officials in the order of the questions, the rules.
 */
export interface Parameters {
  readonly trustees: string;
  readonly committee: Committee;
  readonly session: string;
  readonly issuer: Bytes;
  readonly registrar: Bytes;
  readonly box: Bytes;
  readonly chair: Bytes;
  readonly rosterSize: number;
  readonly rosterMac: string;
  readonly officials: readonly Official[];
  readonly policy: Policy;
}

/** One line of the ballot: of `answers` at least `low` and at most `high` are marked. */
export interface Question {
  readonly answers: readonly string[];
  readonly low: number;
  readonly high: number;
  readonly question: string;
}

/** What ballots depend on of a definition, which was checked. */
export interface Form {
  readonly uuid: string;
  readonly phi: string;
  readonly publicKey: Element;
  readonly questions: readonly Question[];
}

/** A decoded election.json. Made by `decode` only. */
export class Election implements Form {
  readonly raw: Uint8Array;
  readonly uuid: string;
  readonly name: string;
  readonly description: string;
  /** φ, the fingerprint: SHA-256 of the bytes, 43 characters of base64. */
  readonly phi: string;
  readonly publicKey: Element;
  readonly questions: readonly Question[];
  readonly parameters: Parameters | null;

  private constructor(raw: Uint8Array, value: Json) {
    const names = ["version", "description", "name", "group", "public_key", "questions", "uuid"] as const;
    const optional = [...STOCK_FIELDS, "phieukin"] as const;
    const json = fields(value, "election", [...names, ...optional], optional);
    for (const field of STOCK_FIELDS) {
      const stock = json[field];
      if (stock !== undefined) text(stock, `election.${field}`);
    }
    integer(json.version, "election.version", 1, 1);
    string(json.group, "election.group", /^Ed25519$/);
    const questions = array(json.questions, "election.questions", 1, MAX_OFFICIALS);
    this.raw = raw;
    this.description = text(json.description, "election.description", true);
    this.name = text(json.name, "election.name");
    this.publicKey = element(json.public_key, "election.public_key");
    this.questions = questions.map((q, i) => questionFromJson(q, `election.questions[${i}]`));
    this.uuid = uuid(json.uuid, "election.uuid");
    this.parameters = json.phieukin === undefined ? null : parametersFromJson(json.phieukin, "election.phieukin");
    this.phi = b64Sha256(raw);
    if (!this.parameters) return;
    const stock = STOCK_FIELDS.find((field) => json[field] !== undefined);
    if (stock !== undefined) throw malformed(`election.${stock}: only of an election without phieukin`);
    checkQuestions(this.questions, this.parameters);
  }

  /** Throws malformed naming the field, bad_definition where two fields disagree. */
  static decode(raw: Uint8Array): Election {
    return new Election(raw, parseJson(raw, "election", LIMIT));
  }

  /** The parameters. Throws bad_definition for a stock election, which has none. */
  get ours(): Parameters {
    if (this.parameters) return this.parameters;
    throw new ProtocolError("bad_definition", "election.phieukin: this is no session of PhiếuKín");
  }
}

function checkQuestions(questions: readonly Question[], { officials, policy }: Parameters): void {
  if (officials.length !== questions.length) {
    throw new ProtocolError("bad_definition", "election.questions: not one for each official");
  }
  officials.forEach((official, i) => {
    const question = questions[i];
    const labels = policy.levels.map((level) => level.label);
    const agrees =
      question?.question === questionOf(official) &&
      question.low === policy.fewest &&
      question.answers.length === labels.length &&
      question.answers.every((answer, j) => answer === labels[j]);
    if (!agrees) {
      const detail = `election.questions[${i}]: not what the official and the policy say`;
      throw new ProtocolError("bad_definition", detail);
    }
  });
}

// --- Members ------------------------------------------------------------------------------

function questionFromJson(value: Json, path: string): Question {
  const json = fields(value, path, ["answers", "min", "max", "question"]);
  const answers = array(json.answers, `${path}.answers`, 1, MAX_LEVELS);
  return {
    answers: answers.map((answer, i) => text(answer, `${path}.answers[${i}]`)),
    low: integer(json.min, `${path}.min`, 0, 1),
    high: integer(json.max, `${path}.max`, 1, 1),
    question: text(json.question, `${path}.question`),
  };
}

function parametersFromJson(value: Json, path: string): Parameters {
  const parties = ["registrar", "box", "chair"] as const;
  const first = ["version", "trustees", "committee", "session", "issuer"] as const;
  const json = fields(value, path, [...first, ...parties, "roster", "officials", "policy"]);
  integer(json.version, `${path}.version`, 2, 2);
  const roster = fields(json.roster, `${path}.roster`, ["size", "mac"]);
  const registrar = publicKey(json.registrar, `${path}.registrar`);
  const box = publicKey(json.box, `${path}.box`);
  const chair = publicKey(json.chair, `${path}.chair`);
  const committee = committeeFromJson(json.committee, `${path}.committee`);
  const keys = [registrar, box, chair, ...committee.members.map((member) => member.key)];
  if (new Set(keys.map(sha256)).size !== keys.length) {
    throw malformed(`${path}: registrar, box, chair and trustees need keys of their own`);
  }
  const issuer = fromBase64(json.issuer, `${path}.issuer`);
  checkIssuer(issuer, `${path}.issuer`);
  return {
    trustees: hexDigest(json.trustees, `${path}.trustees`),
    committee,
    session: hexDigest(json.session, `${path}.session`),
    issuer,
    registrar,
    box,
    chair,
    rosterSize: integer(roster.size, `${path}.roster.size`, 1),
    rosterMac: hexDigest(roster.mac, `${path}.roster.mac`),
    officials: officialsFromJson(json.officials, `${path}.officials`),
    policy: policyFromJson(json.policy, `${path}.policy`),
  };
}

function policyFromJson(value: Json, path: string): Policy {
  const json = fields(value, path, [
    "levels",
    "channels",
    "min_ballots",
    "regime",
    "invalid",
    "publication",
    "recovery",
    "rehearsal",
    "check_seconds",
  ]);
  const rehearsal = boolean(json.rehearsal, `${path}.rehearsal`);
  const shortest = rehearsal ? 0 : CHECK_SECONDS_FLOOR;
  const invalid = choice(json.invalid, `${path}.invalid`, ["line", "ballot"]);
  return {
    levels: levelsFromJson(json.levels, `${path}.levels`),
    channels: channelsFromJson(json.channels, `${path}.channels`),
    minBallots: integer(json.min_ballots, `${path}.min_ballots`, MIN_BALLOTS_FLOOR),
    regime: string(json.regime, `${path}.regime`, /^[a-z0-9][a-z0-9-]{0,31}$/),
    invalid,
    publication: choice(json.publication, `${path}.publication`, ["public", "members"]),
    recovery: choice(json.recovery, `${path}.recovery`, ["phone", "none"]),
    rehearsal,
    checkSeconds: integer(json.check_seconds, `${path}.check_seconds`, shortest, CHECK_SECONDS_MOST),
    fewest: invalid === "ballot" ? 1 : 0,
  };
}

function levelsFromJson(value: Json, path: string): Level[] {
  const levels = array(value, path, 2, MAX_LEVELS).map((member, i): Level => {
    const { key, label } = fields(member, `${path}[${i}]`, ["key", "label"]);
    return {
      key: string(key, `${path}[${i}].key`, /^(?!blank$)[a-z][a-z_]{0,31}$/),
      label: text(label, `${path}[${i}].label`),
    };
  });
  checkDistinct(
    levels.map((level) => level.key),
    path,
  );
  checkDistinct(
    levels.map((level) => level.label),
    path,
  );
  return levels;
}

function channelsFromJson(value: Json, path: string): Channel[] {
  const members = array(value, path, 1, CHANNELS.length);
  const channels = members.map((member, i) => choice(member, `${path}[${i}]`, CHANNELS));
  checkDistinct(channels, path);
  const ordered = CHANNELS.filter((channel) => channels.includes(channel));
  if (channels.some((channel, i) => channel !== ordered[i])) {
    throw malformed(`${path}: not in the order ${CHANNELS.join(", ")}`);
  }
  return channels;
}

function officialsFromJson(value: Json, path: string): Official[] {
  const officials = array(value, path, 1, MAX_OFFICIALS).map((member, i): Official => {
    const { name, position } = fields(member, `${path}[${i}]`, ["name", "position"]);
    return {
      name: text(name, `${path}[${i}].name`),
      position: text(position, `${path}[${i}].position`, true),
    };
  });
  checkDistinct(officials.map(questionOf), path);
  return officials;
}

function publicKey(value: Json, path: string): Bytes {
  return elementBytes(fromBase64(value, path, KEY_BYTES), path).raw;
}

function choice<T extends string>(value: Json, path: string, of: readonly T[]): T {
  const member = of.find((candidate) => candidate === value);
  if (member === undefined) throw malformed(`${path}: one of ${of.join(", ")} is expected`);
  return member;
}

function checkDistinct(values: readonly string[], path: string): void {
  const repeated = values.find((value, i) => values.indexOf(value) < i);
  if (repeated !== undefined) throw malformed(`${path}: “${repeated}” stands twice`);
}
