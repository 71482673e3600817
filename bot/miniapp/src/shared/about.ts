/** session.json (docs/protocol.md §3.4): what the organiser says beside the definition. */

import { array, fields, integer, type Json, parseJson, sha256, text } from "../protocol/encoding/encoding.ts";
import { ProtocolError } from "../protocol/encoding/errors.ts";
import { instrumentOf } from "../protocol/results/levels.ts";

const LIMIT = 1 << 20; // bytes
const OTHER = ["schema", "uuid", "body", "title", "date", "place", "delegates"] as const;
const OPTIONAL = [
  ...(["excluded", "blocks", "guidance", "managed", "after", "rules", "tier", "zone"] as const),
  ...(["convocation", "term", "sitting", "honorifics", "page"] as const),
] as const;

/** What the pages show of it. */
export interface About {
  readonly guidance: readonly string[];
  /** For each official that begins a khối the heading. */
  readonly headings: ReadonlyMap<number, string>;
  /** The regime, where it is the body's own; null where it comes with the program. */
  readonly rules: Json | null;
  /** What those rules are called; null where they come with the program. */
  readonly instrument: string | null;
}

/** Raises bad_definition unless these bytes are the ones in the definition, of that many officials. */
export function about(raw: Uint8Array, digest: string, officials: number): About {
  if (sha256(raw) !== digest) {
    throw new ProtocolError("bad_definition", "session.json is not the one of the definition");
  }
  const json = fields(parseJson(raw, "session.json", LIMIT), "session.json", [...OTHER, ...OPTIONAL], OPTIONAL);
  const listOf = (name: "guidance" | "blocks"): readonly Json[] =>
    json[name] === undefined ? [] : array(json[name], `session.json.${name}`, 1);
  const headings = new Map<number, string>();
  let place = 0;
  for (const [i, entry] of listOf("blocks").entries()) {
    const path = `session.json.blocks[${i}]`;
    const block = fields(entry, path, ["heading", "officials"]);
    headings.set(place, text(block.heading, path));
    place += integer(block.officials, path, 1);
  }
  if (headings.size > 0 && place !== officials) {
    throw new ProtocolError("bad_definition", "the khối of session.json are of another ballot");
  }
  return {
    guidance: listOf("guidance").map((paragraph, i) => text(paragraph, `session.json.guidance[${i}]`)),
    headings,
    rules: json.rules ?? null,
    instrument: json.rules === undefined ? null : instrumentOf(json.rules),
  };
}
