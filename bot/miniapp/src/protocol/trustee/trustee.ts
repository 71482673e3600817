/**
 * What a trustee does in the ceremony (docs/protocol.md §5.1): three steps, each from the files of all.
 *
 * Every function returns the state that must be on the disk before its file is shown to anybody.
 */

import { numberToBytesBE } from "@noble/curves/utils.js";
import { type Bytes, toHex, toText, utf8 } from "../encoding/encoding.ts";
import { ProtocolError } from "../encoding/errors.ts";
import { type Element, G, power, products, Q, secretPowers } from "../group/group.ts";
import { checkText, proveLog, signText } from "../group/sigma.ts";
import type { Committee } from "../session/committee.ts";
import { commitmentTo, step1Statement } from "./ceremony.ts";
import * as hpke from "./hpke.ts";
import { freshState, type TrusteeState } from "./keyfile.ts";
import {
  certificateMessage,
  coefficientsMessage,
  coefficientsOf,
  type Item,
  type PublishedKey,
  type Signed,
} from "./keys.ts";
import {
  agreedOf,
  blaming,
  checkCommitment,
  checkStep1s,
  committeeOf,
  decodeStep1,
  encodeSingle,
  encodeStep1,
  encodeStep2,
  encodeStep3,
  FaultyTrustee,
  type SingleMessage,
  type Step1,
  type Step2,
  type Step3,
  sentStatement,
} from "./messages.ts";
import { decryptionScalar, polynomial, saltCommitments, signingKey, signingScalar, valueAt } from "./seed.ts";
import { checkKey, checkKeySignature, checkSigned, evaluation, shareKeys, transcriptOf } from "./trustees.ts";

/** What a step gives: the state to store, and then the file to send. */
export interface Stepped {
  readonly state: TrusteeState;
  readonly file: Bytes;
}

const SHARE_BYTES = 32;

// --- Single -------------------------------------------------------------------------------------

/** A trustee without whom nothing is opened. */
export function single(state: TrusteeState = freshState(1, 1, 1)): Stepped {
  const message: SingleMessage = { key: published(decryptionScalar(state)), salts: saltCommitments(state) };
  return { state, file: encodeSingle(message) };
}

// --- Step 1 -------------------------------------------------------------------------------------

/** Makes the certificate and commits. Throws refused: fewer than two, or no majority. */
export function commit(index: number, size: number, threshold: number, seed?: string): Stepped {
  if (size < 2 || 2 * threshold <= size || threshold > size || index < 1 || index > size) {
    throw new ProtocolError("refused", `trustee ${index}, ${threshold} of ${size}: more than half must be needed`);
  }
  const state = freshState(index, size, threshold, seed);
  hpke.montgomerySecret(decryptionScalar(state)); // another seed, if none can be sealed to it
  const cert = certificateFor(state);
  const commitment = commitmentTo(cert, coefficientsMessage(ownCoefficients(state)));
  const salts = saltCommitments(state);
  const signature = signText(step1Statement(cert, commitment, salts), signingScalar(state));
  const file = encodeStep1({ cert, commitment, salts, signature });
  return { state: { ...state, step1s: [toText(file)] }, file: utf8(toText(file)) };
}

function certificateFor(state: TrusteeState): Signed {
  const { size, threshold, index } = state;
  const encryption = power(G, decryptionScalar(state));
  const message = certificateMessage({ size, threshold, index, signing: signingKey(state), encryption });
  return { message, signature: signText(message, signingScalar(state)) };
}

function ownCoefficients(state: TrusteeState): Element[] {
  return products(polynomial(state).map((a) => [[G, a]]));
}

// --- Step 2 -------------------------------------------------------------------------------------

/**
 * Takes the files of step 1 of all, in the order of trustees, reveals the coefficients and seals a
 * share for each other. The state returned holds to these files for ever.
 *
 * Throws malformed, incomplete; faulty_trustee, also for another set than before.
 */
export function reveal(state: TrusteeState, files: readonly Uint8Array[]): Stepped {
  const texts = files.map((given, i) => toText(given, `step 1 of trustee ${i + 1}`));
  checkPinned(state, texts);
  const step1s = files.map((given, i) => decodeStep1(given, `step 1 of trustee ${i + 1}`));
  checkStep1s(step1s, state.size, state.threshold);
  const agreed = agreedOf(step1s);
  const others = step1s.filter(({ certificate }) => certificate.index !== state.index);
  const own = ownCoefficients(state);
  const secret = signingScalar(state);
  const message = coefficientsMessage(own);
  const certs = step1s.map(({ cert }) => cert);
  const shares = others.map(({ certificate }) => sealShare(state, agreed, certificate.index, certificate.encryption));
  const unsigned = {
    index: state.index,
    agreed,
    coefexps: { message, signature: signText(message, secret) },
    transcript: signText(transcriptOf(certs, own), secret),
    shares,
  };
  const file = encodeStep2({ ...unsigned, signature: signText(sentStatement(unsigned), secret) });
  return { state: { ...state, step1s: texts }, file };
}

/** Throws faulty_trustee unless these are the files that the key holds to, its own among them. */
function checkPinned({ step1s, index, size }: TrusteeState, texts: readonly string[]): void {
  if (texts.length !== size)
    throw new ProtocolError("incomplete", `${texts.length} files of step 1, ${size} are needed`);
  const expected = step1s.length === size ? step1s : texts.map((text, i) => (i === index - 1 ? step1s[0] : text));
  const other = texts.findIndex((text, i) => text !== expected[i]);
  if (other === index - 1) throw new FaultyTrustee(index, "the step 1 file under this number is not this key's");
  if (other >= 0) throw new FaultyTrustee(other + 1, "another step 1 file than the one this key has answered");
}

/** The files of step 1 that a key holds to. Throws incomplete before step 2. */
export function pinned({ step1s, size, index }: TrusteeState): Step1[] {
  if (step1s.length !== size) throw new ProtocolError("incomplete", `trustee ${index}: step 2 was not taken yet`);
  return step1s.map((text, i) => decodeStep1(utf8(text), `step 1 of trustee ${i + 1}`));
}

/** What a sealed share is bound to. */
export function shareInfo(agreed: string, sender: number, receiver: number): Bytes {
  return utf8(`phieukin share v1\n${agreed}\n${sender}\n${receiver}\n`);
}

function sealShare(state: TrusteeState, agreed: string, receiver: number, encryption: Element): Bytes {
  const value = numberToBytesBE(valueAt(polynomial(state), receiver), SHARE_BYTES);
  return hpke.seal(hpke.montgomery(encryption), shareInfo(agreed, state.index, receiver), value);
}

/** A share sealed for trustee `receiver` by `sender`. Throws faulty_trustee naming the sender. */
export function openShare(
  sealed: Uint8Array,
  agreed: string,
  sender: number,
  receiver: number,
  secret: bigint,
): bigint {
  const opened = hpke.open(hpke.montgomerySecret(secret), shareInfo(agreed, sender, receiver), sealed);
  if (opened === null) throw new FaultyTrustee(sender, `the share it sent to trustee ${receiver} does not open`);
  const share = BigInt(`0x${toHex(opened)}`);
  if (opened.length !== SHARE_BYTES || share >= Q) throw new FaultyTrustee(sender, "the share it sent is no scalar");
  return share;
}

// --- Step 3 -------------------------------------------------------------------------------------

/**
 * Takes the files of step 2 of all, checks everything, and publishes the key of its sum of shares.
 *
 * Throws incomplete, faulty_trustee.
 */
export function conclude(state: TrusteeState, step2s: readonly Step2[]): Stepped {
  const step1s = pinned(state);
  const agreed = agreedOf(step1s);
  const coefficients = checkStep2s(step1s, step2s);
  const values = coefficients.map((theirs, i) => {
    const sender = i + 1;
    const share = sender === state.index ? valueAt(polynomial(state), sender) : received(state, agreed, step2s[i]);
    const [promised] = products([evaluation(theirs, state.index)]);
    const [given] = secretPowers([G], share);
    if (given === undefined || !promised?.equals(given)) {
      throw new FaultyTrustee(sender, `the share it sent to trustee ${state.index} is not that of its coefficients`);
    }
    return share;
  });
  const share = values.reduce((sum, value) => (sum + value) % Q, 0n);
  const key = published(share);
  const signature = signText(key.publicKey.hex, signingScalar(state));
  const file = encodeStep3({ index: state.index, agreed, key: { ...key, signature } });
  return { state: { ...state, share }, file };
}

function received(state: TrusteeState, agreed: string, step2: Step2 | undefined): bigint {
  if (step2 === undefined) throw new ProtocolError("incomplete", "a file of step 2 is missing");
  const place = state.index < step2.index ? state.index - 1 : state.index - 2;
  const sealed = step2.shares[place] ?? new Uint8Array();
  return openShare(sealed, agreed, step2.index, state.index, decryptionScalar(state));
}

/** Everything of step 2 that all can check. Returns the coefficients of each. Throws incomplete, faulty_trustee. */
export function checkStep2s(step1s: readonly Step1[], step2s: readonly Step2[]): Element[][] {
  if (step2s.length !== step1s.length) {
    throw new ProtocolError("incomplete", `${step2s.length} files of step 2, ${step1s.length} are needed`);
  }
  const [agreed, certs] = [agreedOf(step1s), step1s.map(({ cert }) => cert)];
  return step1s.map((step1, i) => {
    const [who, step2] = [i + 1, step2s[i]];
    if (step2?.index !== who) throw new FaultyTrustee(who, "its step 2 is that of another");
    const { signing } = step1.certificate;
    const failure = (what: string): FaultyTrustee => new FaultyTrustee(who, `the signature of ${what} fails`);
    checkText(sentStatement(step2), signing, step2.signature, failure("its step 2"));
    if (step2.agreed !== agreed) throw new FaultyTrustee(who, "its step 2 follows other files of step 1");
    if (step2.shares.length !== step1s.length - 1) throw new FaultyTrustee(who, "not one share for each other trustee");
    checkCommitment(step1, step2);
    checkSigned(step2.coefexps, signing, failure("its coefficients"));
    const coefficients = blaming(who, () =>
      coefficientsOf(step2.coefexps.message, "coefexps", step1.certificate.threshold),
    );
    checkText(transcriptOf(certs, coefficients), signing, step2.transcript, failure("the certificates"));
    return coefficients;
  });
}

function published(secret: bigint): PublishedKey {
  const publicKey = power(G, secret);
  const pok = proveLog(`pok|Ed25519|${publicKey.hex}|`, secret);
  return { pok, publicKey, signature: undefined, name: undefined };
}

// --- Afterwards -----------------------------------------------------------------------------------

/** The item of trustees.json that all files make. Throws incomplete, faulty_trustee. */
export function assemble(step1s: readonly Step1[], step2s: readonly Step2[], step3s: readonly Step3[]): Item {
  const coefficients = checkStep2s(step1s, step2s);
  const expected = shareKeys(coefficients, step1s.length);
  const agreed = agreedOf(step1s);
  if (step3s.length !== step1s.length) throw new ProtocolError("incomplete", "a file of step 3 is missing");
  step3s.forEach(({ index, agreed: theirs, key }, i) => {
    const who = i + 1;
    if (index !== who || theirs !== agreed) throw new FaultyTrustee(who, "its step 3 is that of another ceremony");
    if (expected[i]?.hex !== key.publicKey.hex) throw new FaultyTrustee(who, "its key is not that of its shares");
    blaming(who, () => {
      checkKey(key, "step 3");
      checkKeySignature(key, step1s[i]?.certificate, "step 3");
    });
  });
  return {
    kind: "Pedersen",
    threshold: step1s[0]?.certificate.threshold ?? 0,
    certs: step1s.map(({ cert }) => cert),
    certificates: step1s.map(({ certificate }) => certificate),
    coefexps: step2s.map(({ coefexps }) => coefexps),
    coefficients,
    signatures: step2s.map(({ transcript }) => transcript),
    keys: step3s.map(({ key }) => key),
  };
}

/** The secret by which it makes decryption shares. Throws incomplete before step 3. */
export function secretOf(state: TrusteeState): bigint {
  const secret = state.size === 1 ? decryptionScalar(state) : state.share;
  if (secret === null) throw new ProtocolError("incomplete", `trustee ${state.index}: step 3 was not taken yet`);
  return secret;
}

/** The committee as the own ceremony says. Throws incomplete. */
export function ownCommittee(state: TrusteeState): Committee {
  if (state.size > 1) return committeeOf(pinned(state), state.threshold);
  return { threshold: 1, members: [{ key: signingKey(state).raw, salts: saltCommitments(state) }] };
}
