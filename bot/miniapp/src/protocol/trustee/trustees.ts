/**
 * Whether the trustees of trustees.json are what they say (docs/protocol.md §5.1, checks 2 and 3);
 * keys.ts has its format.
 */

import { sameBytes, sha256 } from "../encoding/encoding.ts";
import { ProtocolError } from "../encoding/errors.ts";
import { type Element, IDENTITY, multiplyAll, type Power, products } from "../group/group.ts";
import { checkLog, checkText } from "../group/sigma.ts";
import type { Election } from "../session/session.ts";
import {
  type Certificate,
  type Pedersen,
  type PublishedKey,
  type Signed,
  signedToJson,
  type Trustees,
} from "./keys.ts";

const NO_KEY = new Uint8Array();

/** How many shares open the totals. */
export function thresholdOf({ items }: Trustees): number {
  return items.reduce((sum, item) => sum + (item.kind === "Single" ? 1 : item.threshold), 0);
}

/** The key to which ballots are encrypted: the product of the items' keys. */
export function electionKey({ items }: Trustees): Element {
  const parts = items.flatMap((item) =>
    item.kind === "Single" ? [item.key.publicKey] : item.coefficients.flatMap((own) => own.slice(0, 1)),
  );
  return multiplyAll([parts])[0] ?? IDENTITY;
}

/**
 * Check 2, its second half: the definition is that of these trustees (§3.1, §3.2).
 *
 * Throws bad_definition: another key, other members, another threshold, other bytes.
 */
export function checkDefinition(election: Election, trustees: Trustees): void {
  if (!electionKey(trustees).equals(election.publicKey)) throw unlike("public_key is not the product of their keys");
  if (election.parameters === null) return;
  const { trustees: hash, committee } = election.parameters;
  if (hash !== sha256(trustees.raw)) throw unlike("phieukin.trustees is not its hash");
  const keys = trustees.items.flatMap((item) => (item.kind === "Single" ? [item.key] : item.keys));
  if (keys.some(({ name }) => name !== undefined)) throw unlike("a key has a name");
  if (committee.threshold !== thresholdOf(trustees)) throw unlike("phieukin.committee has another threshold");
  const { owners } = trustees;
  const isMember = (i: number, key: Uint8Array): boolean => sameBytes(committee.members[i]?.key ?? NO_KEY, key);
  if (owners.length !== committee.members.length || owners.some((owner, i) => !isMember(i, owner.signing.raw))) {
    throw unlike("phieukin.committee has other members");
  }
}

function unlike(detail: string): ProtocolError {
  return new ProtocolError("bad_definition", `election and trustees.json: ${detail}`);
}

/** Check 3: certificates, signatures, share keys, proofs of possession. Throws bad_trustees. */
export function checkTrustees(trustees: Trustees): void {
  trustees.items.forEach((item, i) => {
    const path = `trustees[${i}]`;
    if (item.kind === "Single") checkKey(item.key, path);
    else checkPedersen(item, path);
  });
  const signing = trustees.owners.map((owner) => owner.signing.hex);
  if (new Set(signing).size < signing.length) throw bad("trustees", "two trustees sign under one key");
  if (electionKey(trustees).isIdentity) throw bad("trustees", "their keys multiply to the identity");
}

/** The proof of possession. Throws bad_trustees. */
export function checkKey({ pok, publicKey }: PublishedKey, path: string): void {
  const failure = bad(path, "the proof that its owner knows the key fails");
  checkLog(`pok|Ed25519|${publicKey.hex}|`, publicKey, pok, failure);
}

function checkPedersen(group: Pedersen, path: string): void {
  group.certificates.forEach((certificate, i) => {
    const where = `${path}, trustee ${i + 1}`;
    checkCertificate(certificate, group.certs[i], where, {
      size: group.certs.length,
      threshold: group.threshold,
      index: i + 1,
    });
    const coefexps = group.coefexps[i];
    const { signing } = certificate;
    checkSigned(coefexps, signing, bad(where, "the signature of its coefexps fails"));
    const transcript = transcriptOf(group.certs, group.coefficients[i] ?? []);
    const proof = group.signatures[i];
    if (proof === undefined) throw bad(where, "no signature of the certificates");
    checkText(transcript, signing, proof, bad(where, "its signature of the certificates fails"));
  });
  const expected = shareKeys(group.coefficients, group.keys.length);
  group.keys.forEach((key, j) => {
    const where = `${path}, trustee ${j + 1}`;
    if (expected[j]?.hex !== key.publicKey.hex) throw bad(where, "its key is not the one of the ceremony");
    checkKey(key, where);
    checkKeySignature(key, group.certificates[j], where);
  });
}

/** Throws bad_trustees unless a certificate is of this place in this group, and signed. */
export function checkCertificate(
  certificate: Certificate,
  signed: Signed | undefined,
  path: string,
  { size, threshold, index }: { readonly size: number; readonly threshold: number; readonly index: number },
): void {
  if (certificate.size !== size || certificate.threshold !== threshold || certificate.index !== index) {
    throw bad(path, `its certificate is not that of trustee ${index}, ${threshold} of ${size}`);
  }
  checkSigned(signed, certificate.signing, bad(path, "the signature of its certificate fails"));
}

/** Throws `failure` unless a string is signed under a key. */
export function checkSigned(signed: Signed | undefined, key: Element, failure: ProtocolError): void {
  if (signed === undefined) throw failure;
  checkText(signed.message, key, signed.signature, failure);
}

/** The signature of the hex of a share key, under its owner's certificate. Throws bad_trustees. */
export function checkKeySignature(key: PublishedKey, certificate: Certificate | undefined, path: string): void {
  const failure = bad(path, "the signature of its key fails");
  if (key.signature === undefined || certificate === undefined) throw failure;
  checkText(key.publicKey.hex, certificate.signing, key.signature, failure);
}

/** What a member signs of all certificates and its own coefficients (item 3 of §5.1). */
export function transcriptOf(certs: readonly Signed[], own: readonly Element[]): string {
  return `certs_sig|${JSON.stringify({ certs: certs.map(signedToJson), coefexps: own.map((a) => a.hex) })}`;
}

/** Π over i, k of A_ik^(j^k), for j from 1 to n. */
export function shareKeys(coefficients: readonly (readonly Element[])[], size: number): Element[] {
  const combined = multiplyAll(
    Array.from({ length: coefficients[0]?.length ?? 0 }, (_, k) => coefficients.flatMap((own) => own.slice(k, k + 1))),
  );
  return products(Array.from({ length: size }, (_, j) => evaluation(combined, j + 1)));
}

/** The powers whose product is g^f(j), where `coefficients` are g^a0, g^a1, … of f. */
export function evaluation(coefficients: readonly Element[], j: number): Power[] {
  return coefficients.map((a, k): Power => [a, BigInt(j) ** BigInt(k)]);
}

function bad(path: string, detail: string): ProtocolError {
  return new ProtocolError("bad_trustees", `${path}: ${detail}`);
}
