/**
 * trustees.json as it is written (docs/protocol.md §5.1): who holds the key.
 *
 * A list of items: a *Single* is one trustee without whom nothing is opened, a *Pedersen* a group of
 * n of whom T are enough. Owners are numbered from 1 through the items. Three things are called a key
 * of verification; here each has a name of its own: a certificate's `signing` key, under which its
 * trustee signs, its `encryption` key, to which shares are sealed, and an owner's `share` key g^s, by
 * which decryption shares are checked. Nothing is checked here but the spelling.
 */

import {
  array,
  type Bytes,
  canonical,
  fields,
  integer,
  type Json,
  parseJson,
  string,
  text,
  utf8,
} from "../encoding/encoding.ts";
import { malformed, ProtocolError } from "../encoding/errors.ts";
import { type Element, element } from "../group/group.ts";
import { type Proof, proofFromJson, proofsFromJson, proofToJson } from "../group/sigma.ts";
import { MAX_TRUSTEES } from "../session/committee.ts";

export const LIMIT = 1 << 20; // bytes of a trustees.json

/** A string and the signature on it (§4.2). */
export interface Signed {
  readonly message: string;
  readonly signature: Proof;
}

/** A key g^x, the proof that its owner knows x, and what may stand beside them. */
export interface PublishedKey {
  readonly pok: Proof;
  readonly publicKey: Element;
  readonly signature: Proof | undefined;
  readonly name: string | undefined;
}

/** What a member of a group says of itself; signed under `signing`. */
export interface Certificate {
  readonly size: number;
  readonly threshold: number;
  readonly index: number;
  readonly signing: Element;
  readonly encryption: Element;
}

/** One trustee who is always needed. */
export interface Single {
  readonly kind: "Single";
  readonly key: PublishedKey;
}

/** A group of whom `threshold` are needed; each list has one entry for each member. */
export interface Pedersen {
  readonly kind: "Pedersen";
  readonly threshold: number;
  readonly certs: readonly Signed[];
  readonly certificates: readonly Certificate[];
  readonly coefexps: readonly Signed[];
  readonly coefficients: readonly (readonly Element[])[];
  readonly signatures: readonly Proof[];
  readonly keys: readonly PublishedKey[];
}

export type Item = Single | Pedersen;

/** An owner of shares: `item` from 0, `index` within it from 1. */
export interface Owner {
  readonly item: number;
  readonly index: number;
  /** The key under which it signs; of a Single its only key. */
  readonly signing: Element;
  /** g^s, by which its decryption shares are checked. */
  readonly share: Element;
}

/** A decoded trustees.json, not checked. */
export interface Trustees {
  readonly raw: Uint8Array;
  readonly items: readonly Item[];
  /** In the order of their numbers; that of `owners[0]` is 1. */
  readonly owners: readonly Owner[];
}

/** Throws malformed; bad_trustees where what a trustee signed does not decode. */
export function decodeTrustees(raw: Uint8Array): Trustees {
  const path = "trustees";
  const json = array(parseJson(raw, path, LIMIT), path, 1, MAX_TRUSTEES);
  const items = json.map((member, i) => itemFromJson(member, `${path}[${i}]`));
  const owners = items.flatMap(ownersOf);
  if (owners.length > MAX_TRUSTEES) throw malformed(`${path}: more than ${MAX_TRUSTEES} trustees`);
  return { raw, items, owners };
}

/** The only spelling of trustees.json for these items. */
export function encodeTrustees(items: readonly Item[]): Bytes {
  return canonical(
    items.map((member) => [member.kind, member.kind === "Single" ? keyToJson(member.key) : groupToJson(member)]),
  );
}

function ownersOf(member: Item, item: number): Owner[] {
  if (member.kind === "Single") {
    const { publicKey } = member.key;
    return [{ item, index: 1, signing: publicKey, share: publicKey }];
  }
  return member.certificates.map(({ signing }, i) => {
    return { item, index: i + 1, signing, share: member.keys[i]?.publicKey ?? signing };
  });
}

function itemFromJson(value: Json, path: string): Item {
  const [kind = null, contents = null] = array(value, path, 2, 2);
  if (string(kind, `${path}[0]`, /^(?:Single|Pedersen)$/) === "Single") {
    return { kind: "Single", key: singleFromJson(contents, `${path}[1]`) };
  }
  return groupFromJson(contents, `${path}[1]`);
}

function groupFromJson(value: Json, path: string): Pedersen {
  const names = ["threshold", "certs", "coefexps", "signatures", "verification_keys"] as const;
  const json = fields(value, path, names);
  const certs = array(json.certs, `${path}.certs`, 1, MAX_TRUSTEES).map((member, i) =>
    signedFromJson(member, `${path}.certs[${i}]`),
  );
  const size = certs.length;
  const threshold = integer(json.threshold, `${path}.threshold`, 1, size);
  const coefexps = array(json.coefexps, `${path}.coefexps`, size, size).map((member, i) =>
    signedFromJson(member, `${path}.coefexps[${i}]`),
  );
  const keys = array(json.verification_keys, `${path}.verification_keys`, size, size);
  return {
    kind: "Pedersen",
    threshold,
    certs,
    certificates: certs.map(({ message }, i) => judging(() => certificateOf(message, `${path}.certs[${i}].message`))),
    coefexps,
    coefficients: coefexps.map(({ message }, i) =>
      judging(() => coefficientsOf(message, `${path}.coefexps[${i}].message`, threshold)),
    ),
    signatures: proofsFromJson(json.signatures, `${path}.signatures`, size),
    keys: keys.map((key, i) => keyFromJson(key, `${path}.verification_keys[${i}]`)),
  };
}

/** What somebody signed and does not decode is that trustee's fault, unlike a file that does not. */
function judging<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof ProtocolError ? new ProtocolError("bad_trustees", error.message) : error;
  }
}

function groupToJson(group: Pedersen): Json {
  return {
    threshold: group.threshold,
    certs: group.certs.map(signedToJson),
    coefexps: group.coefexps.map(signedToJson),
    signatures: group.signatures.map(proofToJson),
    verification_keys: group.keys.map(keyToJson),
  };
}

// --- Members --------------------------------------------------------------------------------

export function keyFromJson(value: Json, path: string): PublishedKey {
  const json = fields(value, path, ["pok", "public_key", "signature", "name"], ["signature", "name"]);
  return {
    pok: proofFromJson(json.pok, `${path}.pok`),
    publicKey: element(json.public_key, `${path}.public_key`),
    signature: json.signature === undefined ? undefined : proofFromJson(json.signature, `${path}.signature`),
    name: json.name === undefined ? undefined : text(json.name, `${path}.name`),
  };
}

/** The key of a Single, which nothing signs. */
export function singleFromJson(value: Json, path: string): PublishedKey {
  const key = keyFromJson(value, path);
  if (key.signature) throw malformed(`${path}.signature: only a trustee of a threshold signs its key`);
  return key;
}

export function keyToJson({ pok, publicKey, signature, name }: PublishedKey): Json {
  return {
    pok: proofToJson(pok),
    public_key: publicKey.hex,
    ...(signature && { signature: proofToJson(signature) }),
    ...(name !== undefined && { name }),
  };
}

export function signedFromJson(value: Json, path: string): Signed {
  const { message, signature } = fields(value, path, ["message", "signature"]);
  if (typeof message !== "string") throw malformed(`${path}.message: a string is expected`);
  return { message, signature: proofFromJson(signature, `${path}.signature`) };
}

export function signedToJson({ message, signature }: Signed): {
  message: string;
  signature: ReturnType<typeof proofToJson>;
} {
  return { message, signature: proofToJson(signature) };
}

/** What a certificate's message says. Throws malformed. */
export function certificateOf(message: string, path: string): Certificate {
  const json = fields(parseJson(utf8(message), path, LIMIT), path, ["context", "verification", "encryption"]);
  const context = fields(json.context, `${path}.context`, ["group", "size", "threshold", "index"]);
  string(context.group, `${path}.context.group`, /^Ed25519$/);
  const size = integer(context.size, `${path}.context.size`, 1, MAX_TRUSTEES);
  return {
    size,
    threshold: integer(context.threshold, `${path}.context.threshold`, 1, size),
    index: integer(context.index, `${path}.context.index`, 1, size),
    signing: element(json.verification, `${path}.verification`),
    encryption: element(json.encryption, `${path}.encryption`),
  };
}

/** The only message of a certificate. */
export function certificateMessage({ size, threshold, index, signing, encryption }: Certificate): string {
  const context = { group: "Ed25519", size, threshold, index };
  return JSON.stringify({ context, verification: signing.hex, encryption: encryption.hex });
}

/** g^a0, g^a1, … in a message of coefexps. Throws malformed. */
export function coefficientsOf(message: string, path: string, threshold: number): Element[] {
  const { coefexps } = fields(parseJson(utf8(message), path, LIMIT), path, ["coefexps"]);
  return array(coefexps, `${path}.coefexps`, threshold, threshold).map((a, k) => element(a, `${path}.coefexps[${k}]`));
}

/** The only message of coefexps. */
export function coefficientsMessage(own: readonly Element[]): string {
  return JSON.stringify({ coefexps: own.map((a) => a.hex) });
}
