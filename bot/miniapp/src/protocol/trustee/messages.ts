/**
 * The files that trustees send each other (docs/protocol.md §5.1, Ceremony): formats, and the checks
 * that they pass. What a member does with them is in trustee.ts.
 */

import {
  array,
  type Bytes,
  canonical,
  concat,
  fields,
  fromBase64,
  fromHex,
  hexDigest,
  integer,
  type Json,
  parseJson,
  sha256,
  spoken,
  string,
  toBase64,
} from "../encoding/encoding.ts";
import { ProtocolError } from "../encoding/errors.ts";
import { checkText, type Proof, proofFromJson, proofToJson } from "../group/sigma.ts";
import { type Committee, MAX_TRUSTEES, MOMENTS } from "../session/committee.ts";
import { agreement, commitmentTo, step1File, step1Statement, step2Statement } from "./ceremony.ts";
import {
  type Certificate,
  certificateOf,
  keyFromJson,
  keyToJson,
  type PublishedKey,
  type Signed,
  signedFromJson,
  signedToJson,
  singleFromJson,
} from "./keys.ts";
import { checkCertificate, checkKey } from "./trustees.ts";

export const LIMIT = 1 << 16; // bytes of each file
const SEALED_BYTES = 80; // an ephemeral key, a share and a tag, 32 + 32 + 16
const CODE_GROUPS = 5;

/** A named trustee broke the ceremony: all start again with new keys. */
export class FaultyTrustee extends ProtocolError {
  readonly trustee: number;

  constructor(trustee: number, detail: string) {
    super("faulty_trustee", `trustee ${trustee}: ${detail}`);
    this.trustee = trustee;
  }
}

/** Certificate, commitment to the coefficients, commitments to salts. */
export interface Step1 {
  readonly raw: Uint8Array;
  readonly cert: Signed;
  readonly certificate: Certificate;
  readonly commitment: string;
  readonly salts: readonly string[];
  readonly signature: Proof;
}

/** The coefficients revealed, and a sealed share for every other trustee. */
export interface Step2 {
  readonly index: number;
  readonly agreed: string;
  readonly coefexps: Signed;
  readonly transcript: Proof;
  readonly shares: readonly Uint8Array[];
  readonly signature: Proof;
}

/** The key by which decryption shares will be checked. */
export interface Step3 {
  readonly index: number;
  readonly agreed: string;
  readonly key: PublishedKey;
}

/** The only message of a Single. */
export interface SingleMessage {
  readonly key: PublishedKey;
  readonly salts: readonly string[];
}

// --- Step 1 -------------------------------------------------------------------------------------

/** Throws malformed. */
export function decodeStep1(raw: Uint8Array, path = "step 1"): Step1 {
  const names = ["schema", "certificate", "commitment", "salts", "signature"] as const;
  const json = fields(parseJson(raw, path, LIMIT), path, names);
  string(json.schema, `${path}.schema`, /^phieukin\.step1\/2$/);
  const cert = signedFromJson(json.certificate, `${path}.certificate`);
  return {
    raw,
    cert,
    certificate: certificateOf(cert.message, `${path}.certificate.message`),
    commitment: hexDigest(json.commitment, `${path}.commitment`),
    salts: saltsOf(json.salts, `${path}.salts`),
    signature: proofFromJson(json.signature, `${path}.signature`),
  };
}

export function encodeStep1({ cert, commitment, salts, signature }: Omit<Step1, "raw" | "certificate">): Uint8Array {
  return step1File(cert, commitment, salts, signature);
}

function saltsOf(value: Json, path: string): string[] {
  return array(value, path, MOMENTS.length, MOMENTS.length).map((salt, i) => hexDigest(salt, `${path}[${i}]`));
}

/** What the signature of step 1 is on. */
export function step1StatementOf({ cert, commitment, salts }: Step1): string {
  return step1Statement(cert, commitment, salts);
}

/**
 * All files of step 1, in the order of trustees, are one committee's: places, signatures, and keys and
 * salts that all differ.
 *
 * Throws faulty_trustee.
 */
export function checkStep1s(step1s: readonly Step1[], size: number, threshold: number): void {
  if (step1s.length !== size) {
    throw new ProtocolError("incomplete", `${step1s.length} files of step 1, ${size} are needed`);
  }
  step1s.forEach((step1, i) => {
    const [who, { cert, certificate, signature }] = [i + 1, step1];
    blaming(who, () => checkCertificate(certificate, cert, "step 1", { size, threshold, index: who }));
    const failure = new FaultyTrustee(who, "the signature of its step 1 fails");
    checkText(step1StatementOf(step1), certificate.signing, signature, failure);
  });
  checkDistinct(
    step1s.map(({ certificate: { signing, encryption } }) => [signing.hex, encryption.hex]),
    "key",
  );
  checkDistinct(
    step1s.map(({ salts }) => salts),
    "salt",
  );
}

/** Throws faulty_trustee naming the later of two who have the same. */
function checkDistinct(lists: readonly (readonly string[])[], what: string): void {
  const seen = new Set<string>();
  lists.forEach((list, i) => {
    for (const member of list) {
      if (seen.has(member)) throw new FaultyTrustee(i + 1, `a ${what} of it stands twice`);
      seen.add(member);
    }
  });
}

/** What was found out about a trustee is told as its fault; bytes that do not decode, too. */
export function blaming<T>(trustee: number, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof ProtocolError) || error instanceof FaultyTrustee) throw error;
    throw new FaultyTrustee(trustee, error.message);
  }
}

/** SHA-256 of all files of step 1. */
export function agreedOf(step1s: readonly Step1[]): string {
  return agreement(step1s.map((step1) => step1.raw));
}

/** What trustees read to each other in steps 2 and 3. */
export function agreementCode(step1s: readonly Step1[]): string {
  return spoken(fromHex(agreedOf(step1s)), CODE_GROUPS);
}

/** The committee of a definition, as the files of step 1 say. */
export function committeeOf(step1s: readonly Step1[], threshold: number): Committee {
  const members = step1s.map(({ certificate, salts }) => ({ key: certificate.signing.raw, salts }));
  return { threshold, members };
}

// --- Step 2 -------------------------------------------------------------------------------------

/** Throws malformed. */
export function decodeStep2(raw: Uint8Array, path = "step 2"): Step2 {
  const names = ["schema", "index", "agreed", "coefexps", "transcript", "shares", "signature"] as const;
  const json = fields(parseJson(raw, path, LIMIT), path, names);
  string(json.schema, `${path}.schema`, /^phieukin\.step2\/1$/);
  return {
    index: integer(json.index, `${path}.index`, 1, MAX_TRUSTEES),
    agreed: hexDigest(json.agreed, `${path}.agreed`),
    coefexps: signedFromJson(json.coefexps, `${path}.coefexps`),
    transcript: proofFromJson(json.transcript, `${path}.transcript`),
    shares: array(json.shares, `${path}.shares`, 1, MAX_TRUSTEES - 1).map((share, i) =>
      fromBase64(share, `${path}.shares[${i}]`, SEALED_BYTES),
    ),
    signature: proofFromJson(json.signature, `${path}.signature`),
  };
}

export function encodeStep2({ index, agreed, coefexps, transcript, shares, signature }: Step2): Bytes {
  return canonical({
    ...{ schema: "phieukin.step2/1", index, agreed, coefexps: signedToJson(coefexps) },
    ...{ transcript: proofToJson(transcript), shares: shares.map(toBase64), signature: proofToJson(signature) },
  });
}

/** What the signature of step 2 is on. */
export function sentStatement({ agreed, shares }: Pick<Step2, "agreed" | "shares">): string {
  return step2Statement(agreed, sha256(concat(...shares)));
}

/** What it revealed is what it had committed to. Throws faulty_trustee. */
export function checkCommitment({ cert, commitment }: Step1, { index, coefexps }: Step2): void {
  if (commitmentTo(cert, coefexps.message) !== commitment) {
    throw new FaultyTrustee(index, "it reveals other coefficients than it had committed to");
  }
}

// --- Step 3 and Single ----------------------------------------------------------------------------

/** Throws malformed. */
export function decodeStep3(raw: Uint8Array, path = "step 3"): Step3 {
  const json = fields(parseJson(raw, path, LIMIT), path, ["schema", "index", "agreed", "key"]);
  string(json.schema, `${path}.schema`, /^phieukin\.step3\/1$/);
  return {
    index: integer(json.index, `${path}.index`, 1, MAX_TRUSTEES),
    agreed: hexDigest(json.agreed, `${path}.agreed`),
    key: keyFromJson(json.key, `${path}.key`),
  };
}

export function encodeStep3({ index, agreed, key }: Step3): Bytes {
  return canonical({ schema: "phieukin.step3/1", index, agreed, key: keyToJson(key) });
}

/** Throws malformed; bad_trustees where its proof fails. */
export function decodeSingle(raw: Uint8Array): SingleMessage {
  const path = "single";
  const json = fields(parseJson(raw, path, LIMIT), path, ["schema", "key", "salts"]);
  string(json.schema, `${path}.schema`, /^phieukin\.single\/2$/);
  const key = singleFromJson(json.key, `${path}.key`);
  const salts = saltsOf(json.salts, `${path}.salts`);
  checkKey(key, path);
  return { key, salts };
}

export function encodeSingle({ key, salts }: SingleMessage): Bytes {
  return canonical({ schema: "phieukin.single/2", key: keyToJson(key), salts });
}
