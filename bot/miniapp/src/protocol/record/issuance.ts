/**
 * What was issued, and how the roster changed before the opening: issuance.json (docs/protocol.md §6.2.1,
 * §8.2).
 */

import { array, fields, integer, type Json, parseJson, string, text, utf8 } from "../encoding/encoding.ts";
import { malformed, ProtocolError } from "../encoding/errors.ts";
import { CHANNELS, type Channel, type Election } from "../session/session.ts";
import { origin, partyKey } from "./checkpoint.ts";
import { parseNote } from "./note.ts";

export const LIMIT = 1 << 20; // bytes
const MOST_AMENDMENTS = 100;
const MOST_REASON = 500; // characters
const AMENDMENT =
  /^phieukin\/(?<uuid>\S+)\namendment (?<number>\d+)\nphi (?<phi>\S+)\nadded (?<added>0|[1-9]\d{0,8})\nremoved (?<removed>0|[1-9]\d{0,8})\nroster (?<mac>[0-9a-f]{64})\nreason (?<reason>[^\n]+)\n$/;

/** Ballots on paper: cumulative until the opening and until the close, and to people who came after the opening. */
export interface PaperCounts {
  readonly opening: number;
  readonly present: number;
  readonly late: number;
}

/** issuance.json; its amendments are checked. */
export interface Issuance {
  readonly present: number;
  readonly issued: number;
  readonly channels: readonly (readonly [Channel, number])[];
  readonly paper: PaperCounts;
  readonly amendments: readonly Amendment[];
}

/** A change of the roster between the seal and the opening. */
export interface Amendment {
  readonly added: number;
  readonly removed: number;
  /** The HMAC of the roster from then on, hex. */
  readonly mac: string;
  readonly reason: string;
  /** The signed note. */
  readonly note: string;
}

/** Throws malformed: not in its only spelling; bad_checkpoint: an amendment is not rightly signed. */
export function decodeIssuance(raw: Uint8Array, election: Election): Issuance {
  const path = "issuance.json";
  const names = ["schema", "present", "issued", "channels", "paper", "amendments"] as const;
  const json = fields(parseJson(raw, path, LIMIT), path, names);
  string(json.schema, `${path}.schema`, /^phieukin[.]issuance\/2$/);
  const paper = fields(json.paper, `${path}.paper`, ["opening", "present", "late"]);
  const amendments = array(json.amendments, `${path}.amendments`, 0, MOST_AMENDMENTS);
  return {
    present: integer(json.present, `${path}.present`),
    issued: integer(json.issued, `${path}.issued`),
    channels: channelsOf(json.channels, `${path}.channels`),
    paper: {
      opening: integer(paper.opening, `${path}.paper.opening`),
      present: integer(paper.present, `${path}.paper.present`),
      late: integer(paper.late, `${path}.paper.late`),
    },
    amendments: amendments.map((note, i) => amendmentOf(note, i + 1, election)),
  };
}

const BY_TOKEN = CHANNELS.filter((channel) => channel !== "paper");

function channelsOf(value: Json, path: string): [Channel, number][] {
  const counts = fields(value, path, BY_TOKEN, BY_TOKEN);
  return BY_TOKEN.flatMap((channel): [Channel, number][] => {
    const count = counts[channel];
    return count === undefined ? [] : [[channel, integer(count, `${path}.${channel}`, 1)]];
  });
}

function amendmentOf(value: Json, number: number, election: Election): Amendment {
  const path = `issuance.json.amendments[${number - 1}]`;
  if (typeof value !== "string") throw malformed(`${path}: a signed note is expected`);
  const note = parseNote(utf8(value));
  const read = AMENDMENT.exec(note.text)?.groups;
  const expected = `${origin(election.uuid)}\namendment ${number}\nphi ${election.phi}\n`;
  if (read === undefined) throw malformed(`${path}: not the text of an amendment`);
  if (!note.text.startsWith(expected)) {
    throw new ProtocolError("bad_checkpoint", `${path}: not amendment ${number} of this session`);
  }
  const { added = "", removed = "", mac = "", reason = "" } = read;
  text(reason, `${path}: reason`);
  if ([...reason].length > MOST_REASON) throw malformed(`${path}: a reason has at most ${MOST_REASON} characters`);
  note.check([partyKey(election, "registrar"), partyKey(election, "chair")]);
  return { added: Number(added), removed: Number(removed), mac, reason, note: value };
}

/** How many are on the roster from the opening on. Throws bad_counts: fewer than one at any time. */
export function rosterSize(election: Election, amendments: readonly Amendment[]): number {
  return amendments.reduce((before, { added, removed }, i) => {
    const size = before - removed + added;
    if (removed > before || size < 1) {
      throw new ProtocolError("bad_counts", `amendment ${i + 1}: ${removed} removed from a roster of ${before}`);
    }
    return size;
  }, election.ours.rosterSize);
}
