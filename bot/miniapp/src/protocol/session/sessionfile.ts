/** session.json, whole (docs/protocol.md §3.4): what people call the session. */

import { array, fields, hexDigest, integer, type Json, parseJson, string, text, uuid } from "../encoding/encoding.ts";
import { malformed, ProtocolError } from "../encoding/errors.ts";
import { ownRegime, type Regime } from "../results/rules.ts";
import { type Election, MAX_OFFICIALS, type Official, questionOf } from "./session.ts";

export const LIMIT = 1 << 20; // bytes
const MAX_GUIDANCE = 2000; // characters of all paragraphs
const DEFAULT_ZONE = "Asia/Ho_Chi_Minh";
const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}(\/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99})?$/;
const TIER = /^(?:central|province|district|commune|unit)$/;

const REQUIRED = ["schema", "uuid", "body", "title", "date", "place", "delegates"] as const;
const OPTIONAL = [
  ...(["excluded", "blocks", "guidance", "managed", "after", "rules", "tier", "zone"] as const),
  ...(["convocation", "term", "sitting", "honorifics", "page"] as const),
] as const;

/** A khối: a run of officials under a heading of its own. */
export interface Block {
  readonly heading: string;
  readonly officials: number;
}

/** A decoded session.json; what is optional is empty or null where it is absent. */
export interface SessionFile {
  readonly uuid: string;
  readonly body: string;
  readonly title: string;
  /** The day of the vote, YYYY-MM-DD. */
  readonly date: string;
  readonly place: string;
  /** How many members the body has, absent ones included, as it was sealed. */
  readonly delegates: number;
  /** Who of the list is not rated. */
  readonly excluded: readonly Official[];
  readonly blocks: readonly Block[];
  /** The managing authority of each official, "" where not known; empty if of nobody. */
  readonly managed: readonly string[];
  /** How each official is addressed, likewise. */
  readonly honorifics: readonly string[];
  readonly rules: Regime | null;
  readonly convocation: string;
  readonly term: string;
  readonly sitting: string;
}

/** Throws malformed. */
export function decodeSessionFile(raw: Uint8Array): SessionFile {
  const path = "session.json";
  const json = fields(parseJson(raw, path, LIMIT), path, [...REQUIRED, ...OPTIONAL], OPTIONAL);
  string(json.schema, `${path}.schema`, /^phieukin\.session\/1$/);
  const given = <T>(name: (typeof OPTIONAL)[number], read: (value: Json, path: string) => T, absent: T): T => {
    const value = json[name];
    return value === undefined ? absent : read(value, `${path}.${name}`);
  };
  given("guidance", checkGuidance, undefined);
  const after = given("after", uuid, "");
  if (after !== "" && after === json.uuid) throw malformed(`${path}.after: the session cannot follow itself`);
  given("tier", (value, at) => string(value, at, TIER), "");
  given("zone", checkZone, undefined);
  given("page", checkPage, undefined);
  return {
    uuid: uuid(json.uuid, `${path}.uuid`),
    body: text(json.body, `${path}.body`),
    title: text(json.title, `${path}.title`),
    date: day(json.date, `${path}.date`),
    place: text(json.place, `${path}.place`, true),
    delegates: integer(json.delegates, `${path}.delegates`, 1),
    excluded: given("excluded", excludedOf, []),
    blocks: given("blocks", blocksOf, []),
    managed: given("managed", byOfficial, []),
    honorifics: given("honorifics", byOfficial, []),
    rules: given<Regime | null>("rules", ownRegime, null),
    convocation: given("convocation", text, ""),
    term: given("term", text, ""),
    sitting: given("sitting", text, ""),
  };
}

/**
 * What the definition and session.json say of the same thing agrees.
 *
 * Throws bad_record: of another session, or lists for another ballot.
 */
export function checkAgrees(session: SessionFile, election: Election): void {
  const { uuid: own, title, body, excluded, blocks, managed, honorifics } = session;
  if (own !== election.uuid) throw unlike(`the session in it is ${own}`);
  if (election.name !== `${title} – ${body}`) throw unlike(`the definition is of ${election.name}`);
  const rated = new Set(election.questions.map(({ question }) => question));
  const both = excluded.find((official) => rated.has(questionOf(official)));
  if (both) throw unlike(`excluded: ${both.name} is on the ballot, too`);
  const size = election.questions.length;
  const inBlocks = blocks.reduce((sum, block) => sum + block.officials, 0);
  if (blocks.length > 0 && inBlocks !== size) throw unlike(`blocks has ${inBlocks} officials, the ballot ${size}`);
  for (const { length } of [managed, honorifics]) {
    if (length > 0 && length !== size) throw unlike(`a list has ${length} officials, the ballot ${size}`);
  }
}

function unlike(detail: string): ProtocolError {
  return new ProtocolError("bad_record", `session.json: ${detail}`);
}

// --- Members ----------------------------------------------------------------------------------

function excludedOf(value: Json, path: string): Official[] {
  return array(value, path, 1).map((member, i) => {
    const at = `${path}[${i}]`;
    const json = fields(member, at, ["name", "position", "reason", "honorific"], ["honorific"]);
    const official = { name: text(json.name, `${at}.name`), position: text(json.position, `${at}.position`, true) };
    text(json.reason, `${at}.reason`);
    if (json.honorific !== undefined) text(json.honorific, `${at}.honorific`);
    return official;
  });
}

function checkGuidance(value: Json, path: string): void {
  const paragraphs = array(value, path, 1).map((paragraph, i) => text(paragraph, `${path}[${i}]`));
  const characters = paragraphs.reduce((sum, paragraph) => sum + [...paragraph].length, 0);
  if (characters > MAX_GUIDANCE) throw malformed(`${path}: more than ${MAX_GUIDANCE} characters`);
}

function blocksOf(value: Json, path: string): Block[] {
  return array(value, path, 1).map((member, i) => {
    const json = fields(member, `${path}[${i}]`, ["heading", "officials"]);
    return {
      heading: text(json.heading, `${path}[${i}].heading`),
      officials: integer(json.officials, `${path}[${i}].officials`, 1, MAX_OFFICIALS),
    };
  });
}

function byOfficial(value: Json, path: string): string[] {
  const texts = array(value, path, 1, MAX_OFFICIALS).map((member, i) => text(member, `${path}[${i}]`, true));
  if (texts.every((member) => member === "")) throw malformed(`${path}: absent where nothing is known of anybody`);
  return texts;
}

function checkZone(value: Json, path: string): void {
  const zone = text(value, path);
  if (zone === DEFAULT_ZONE) throw malformed(`${path}: absent where it is ${DEFAULT_ZONE}`);
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
  } catch {
    throw malformed(`${path}: no such time zone`);
  }
}

function checkPage(value: Json, path: string): void {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw malformed(`${path}: an object`);
  const names = Object.keys(value);
  if (names.length === 0) throw malformed(`${path}: an object with a file in it is expected`);
  if (names.some((name, i) => name <= (names[i - 1] ?? ""))) throw malformed(`${path}: the names must ascend`);
  for (const [name, hash] of Object.entries(value)) {
    string(name, path, FILE_NAME);
    hexDigest(hash, `${path}.${name}`);
  }
}

function day(value: Json, path: string): string {
  const date = string(value, path, /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/);
  const [year = 0, month = 0, ofMonth = 0] = date.split("-").map(Number);
  const meant = new Date(0);
  meant.setUTCFullYear(year, month - 1, ofMonth);
  if (year === 0 || meant.toISOString().slice(0, 10) !== date) throw malformed(`${path}: there is no such day`);
  return date;
}
