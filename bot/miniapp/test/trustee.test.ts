/** A trustee's own side: vectors, and the whole ceremony with every deviation that all must see. */

import { describe, expect, test } from "vitest";
import {
  canonical,
  concat,
  fromBase64,
  fromHex,
  type Json,
  toBase64,
  toHex,
  toText,
  utf8,
} from "../src/protocol/encoding/encoding.ts";
import { G, IDENTITY, power, scalar } from "../src/protocol/group/group.ts";
import { signText } from "../src/protocol/group/sigma.ts";
import { MOMENTS } from "../src/protocol/session/committee.ts";
import * as hpke from "../src/protocol/trustee/hpke.ts";
import {
  encodeState,
  freshState,
  newLock,
  openKey,
  sealKey,
  type TrusteeState,
} from "../src/protocol/trustee/keyfile.ts";
import { decodeTrustees, encodeTrustees, type Item } from "../src/protocol/trustee/keys.ts";
import * as messages from "../src/protocol/trustee/messages.ts";
import * as seeds from "../src/protocol/trustee/seed.ts";
import * as trustee from "../src/protocol/trustee/trustee.ts";
import { checkTrustees } from "../src/protocol/trustee/trustees.ts";
import { judged, outcome } from "./vectors.ts";

// --- Vectors --------------------------------------------------------------------------------------

function runKey(seat: seeds.Seat): Record<string, unknown> {
  const [signing, decryption] = [seeds.signingScalar(seat), seeds.decryptionScalar(seat)];
  return {
    signing: String(signing),
    decryption: String(decryption),
    verification: power(G, signing).hex,
    encryption: power(G, decryption).hex,
    coefficients: seeds.polynomial(seat).map(String),
    salts: MOMENTS.map((moment) => toHex(seeds.saltOf(seat, moment))),
    commitments: seeds.saltCommitments(seat),
  };
}

async function runKeyfile(input: { readonly file: string; readonly passphrase: string }): Promise<string> {
  return toText(encodeState((await openKey(utf8(input.file), input.passphrase)).state));
}

function runSingle(raw: string): Record<string, unknown> {
  const { key, salts } = messages.decodeSingle(utf8(raw));
  expect(toText(messages.encodeSingle({ key, salts }))).toBe(raw);
  return { key: toBase64(key.publicKey.raw), salts };
}

function runStep1(input: seeds.Seat & { readonly step1s: readonly string[] }): Record<string, unknown> {
  const { seed, index, size, threshold } = input;
  const own = input.step1s[index - 1] ?? "";
  const state = { ...freshState(index, size, threshold, seed), step1s: [own] };
  trustee.reveal(
    state,
    input.step1s.map((text) => utf8(text)),
  );
  const step1s = input.step1s.map((text) => messages.decodeStep1(utf8(text)));
  const committee = messages.committeeOf(step1s, threshold);
  const members = committee.members.map(({ key, salts }) => ({ key: toBase64(key), salts }));
  const [, second] = step1s;
  if (second === undefined) throw new RangeError("two trustees at least");
  return {
    agreement: messages.agreementCode(step1s),
    committee: { threshold, members },
    statement: messages.step1StatementOf(second),
  };
}

interface Sealed {
  readonly agreed: string;
  readonly sender: number;
  readonly receiver: number;
  readonly seed: string;
  readonly sealed: string;
}

function runTransport({ agreed, sender, receiver, seed, sealed }: Sealed): Record<string, string> {
  const secret = seeds.decryptionScalar(freshState(receiver, 3, 2, seed));
  const share = trustee.openShare(fromBase64(sealed, "sealed"), agreed, sender, receiver, secret);
  return { share: String(share), info: toText(trustee.shareInfo(agreed, sender, receiver)) };
}

function runX25519(decimal: string): Record<string, string> {
  const exponent = scalar(decimal, "exponent");
  return { private: toHex(hpke.montgomerySecret(exponent)), public: toHex(hpke.montgomery(power(G, exponent))) };
}

judged({
  key: runKey,
  keyfile: runKeyfile,
  single: runSingle,
  step1: runStep1,
  transport: runTransport,
  x25519: runX25519,
});

// --- RFC 9180 -------------------------------------------------------------------------------------

describe("HPKE", () => {
  test("RFC 9180, appendix A.2.1: a receiver's first message key", () => {
    const privateKey = fromHex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb");
    const enc = fromHex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a");
    const { key, nonce } = hpke.setupReceiver(privateKey, utf8("Ode on a Grecian Urn"), enc);
    expect(toHex(key)).toBe("ad2744de8e17f4ebba575b3f5f5a8fa1f69c2a07f6e7500bc60ca6e3e3ec1c91");
    expect(toHex(nonce)).toBe("5c4d98150661b848853b547f");
  });

  test("what is sealed is opened by its receiver only, under its info only", () => {
    const [secret, other] = [hpke.montgomerySecret(12345678901234567890n), hpke.montgomerySecret(5n)];
    const receiver = hpke.montgomery(power(G, 12345678901234567890n));
    const sealed = hpke.seal(receiver, utf8("info"), utf8("share"));
    expect(hpke.open(secret, utf8("info"), sealed)).toEqual(utf8("share"));
    expect(hpke.open(other, utf8("info"), sealed)).toBeNull();
    expect(hpke.open(secret, utf8("else"), sealed)).toBeNull();
    expect(hpke.open(secret, utf8("info"), sealed.slice(0, 40))).toBeNull();
  });
});

// --- Key files ------------------------------------------------------------------------------------

describe("a key file", () => {
  const CHEAP = { memoryKib: 64, iterations: 1, lanes: 1 };

  test("opens with its passphrase in any normal form, and with no other", async () => {
    const state: TrusteeState = { ...freshState(2, 3, 2), step1s: ["{}"], share: 7n, quorumSeen: 1_790_000_000 };
    const lock = await newLock("bốn từ không liên quan", undefined, CHEAP);
    const file = sealKey(state, lock);
    const opened = await openKey(file, "bốn từ không liên quan".normalize("NFD"));
    expect(opened).toEqual({ state, lock });
    expect(await outcome(() => openKey(file, "bốn từ"))).toBe("wrong_passphrase");
    expect(toText(file)).not.toContain(state.seed);
  });

  test("is another at each writing: a nonce of its own, and a salt for each passphrase", async () => {
    const state = freshState(1, 1, 1);
    const [lock, again] = [await newLock("x", undefined, CHEAP), await newLock("x", undefined, CHEAP)];
    const nonces = [1, 2, 3].map(() => (JSON.parse(toText(sealKey(state, lock))) as { nonce: string }).nonce);
    expect(new Set(nonces).size).toBe(3);
    expect(lock.salt).not.toEqual(again.salt);
    expect(freshState(1, 1, 1).seed).not.toBe(state.seed);
  });

  test("tells how far its derivation is", async () => {
    const parts: number[] = [];
    await newLock("x", (part) => parts.push(part), { memoryKib: 1024, iterations: 2, lanes: 1 });
    expect(parts.at(-1)).toBe(1);
  });
});

// --- The ceremony ---------------------------------------------------------------------------------

interface Room {
  readonly states: readonly TrusteeState[];
  readonly step1s: readonly Uint8Array[];
  readonly revealed: readonly TrusteeState[];
  readonly step2s: readonly messages.Step2[];
}

function hold(size: number, threshold: number): Room {
  const first = Array.from({ length: size }, (_, i) => trustee.commit(i + 1, size, threshold));
  const step1s = first.map(({ file }) => file);
  const second = first.map(({ state }) => trustee.reveal(state, step1s));
  return {
    states: first.map(({ state }) => state),
    step1s,
    revealed: second.map(({ state }) => state),
    step2s: second.map(({ file }) => messages.decodeStep2(file)),
  };
}

function concluded({ step1s, step2s, revealed }: Room): Item {
  const step3s = revealed.map((state) => messages.decodeStep3(trustee.conclude(state, step2s).file));
  return trustee.assemble(
    step1s.map((file) => messages.decodeStep1(file)),
    step2s,
    step3s,
  );
}

describe("a ceremony", () => {
  const room = hold(3, 2);
  const at = <T>(list: readonly T[], i: number): T => {
    const member = list[i];
    if (member === undefined) throw new RangeError("not so many");
    return member;
  };
  /** The same step 2, of trustee 2, with other parts, and signed again. */
  const resent = (parts: Partial<messages.Step2>): messages.Step2[] => {
    const changed = { ...at(room.step2s, 1), ...parts };
    const signature = signText(messages.sentStatement(changed), seeds.signingScalar(at(room.states, 1)));
    return room.step2s.map((step2, i) => (i === 1 ? { ...changed, signature } : step2));
  };

  test("makes trustees whom the audit accepts", () => {
    const trustees = decodeTrustees(encodeTrustees([concluded(room)]));
    checkTrustees(trustees);
    const own = trustee.conclude(at(room.revealed, 0), room.step2s).state;
    expect(trustees.owners[0]?.share.hex).toBe(power(G, trustee.secretOf(own)).hex);
    const committee = trustee.ownCommittee(own);
    expect(committee.members.map(({ key }) => toHex(key))).toEqual(trustees.owners.map((o) => toHex(o.signing.raw)));
  });

  test("holds to the messages it has seen", async () => {
    const [state, again] = [at(room.revealed, 0), hold(3, 2)];
    trustee.reveal(state, room.step1s);
    for (const [which, files] of [
      ["another's file exchanged", room.step1s.map((file, i) => (i === 2 ? at(again.step1s, 2) : file))],
      ["own file exchanged", room.step1s.map((file, i) => (i === 0 ? at(again.step1s, 0) : file))],
      ["another order", [at(room.step1s, 0), at(room.step1s, 2), at(room.step1s, 1)]],
    ] as const) {
      expect(await outcome(() => trustee.reveal(state, files)), which).toBe("faulty_trustee");
    }
    expect(await outcome(() => trustee.reveal(at(room.states, 0), room.step1s.slice(1)))).toBe("incomplete");
    expect(await outcome(() => trustee.conclude(at(room.states, 0), room.step2s))).toBe("incomplete");
  });

  test("goes on with files that nobody has exchanged only", async () => {
    const other = trustee.commit(2, 3, 3).file;
    const copied = trustee.commit(3, 3, 2, at(room.states, 1).seed);
    for (const files of [
      [at(room.step1s, 0), other, at(room.step1s, 2)],
      [at(room.step1s, 0), at(room.step1s, 2), at(room.step1s, 1)],
      [at(room.step1s, 0), at(room.step1s, 1), copied.file],
    ]) {
      expect(await outcome(() => trustee.reveal(at(room.states, 0), files))).toBe("faulty_trustee");
    }
  });

  test.each([
    ["another's coefficients", () => ({ coefexps: at(room.step2s, 2).coefexps })],
    ["other files of step 1", () => ({ agreed: "0".repeat(64) })],
    ["another's transcript", () => ({ transcript: at(room.step2s, 2).transcript })],
    ["another's place", () => ({ index: 3 })],
    ["a share for itself only", () => ({ shares: at(room.step2s, 1).shares.slice(1) })],
    ["a share of 80 random bytes", () => ({ shares: at(room.step2s, 1).shares.map(() => new Uint8Array(80).fill(9)) })],
    ["the shares exchanged", () => ({ shares: at(room.step2s, 1).shares.toReversed() })],
  ])("names trustee 2 for %s", (_, parts) => {
    expect(() => trustee.conclude(at(room.revealed, 0), resent(parts()))).toThrow(
      expect.objectContaining({ code: "faulty_trustee", trustee: 2 }),
    );
  });

  test("names who sent a wrong share that opens, and who signed nothing", () => {
    const info = trustee.shareInfo(at(room.step2s, 1).agreed, 2, 1);
    const receiver = hpke.montgomery(power(G, seeds.decryptionScalar(at(room.states, 0))));
    for (const share of [1n, 2n ** 255n]) {
      const wrong = hpke.seal(receiver, info, concat(Uint8Array.from(toBytes(share))));
      const step2s = resent({ shares: [wrong, ...at(room.step2s, 1).shares.slice(1)] });
      expect(() => trustee.conclude(at(room.revealed, 0), step2s)).toThrow(expect.objectContaining({ trustee: 2 }));
    }
    const unsigned = room.step2s.map((step2, i) => (i === 1 ? { ...step2, signature: step2.transcript } : step2));
    expect(() => trustee.conclude(at(room.revealed, 0), unsigned)).toThrow(expect.objectContaining({ trustee: 2 }));
  });

  test("is for a majority of at least two", async () => {
    for (const [index, size, threshold] of [
      [1, 1, 1],
      [1, 4, 2],
      [1, 3, 4],
      [4, 3, 2],
    ] as const) {
      expect(await outcome(() => trustee.commit(index, size, threshold))).toBe("refused");
    }
  });
});

// --- trustees.json ----------------------------------------------------------------------------------

describe("trustees.json", () => {
  type Lists = Record<"certs" | "coefexps" | "signatures" | "verification_keys", unknown[]>;
  interface Key {
    pok: unknown;
    public_key: unknown;
    signature?: unknown;
  }
  const honest = toText(encodeTrustees([concluded(hold(3, 2))]));
  const [[, others]] = JSON.parse(toText(encodeTrustees([concluded(hold(3, 2))]))) as [[string, Lists]];
  const checked = (change: (group: Lists) => void): Promise<string> => {
    const items = JSON.parse(honest) as [[string, Lists & { threshold: number }]];
    change(items[0][1]);
    return outcome(() => checkTrustees(decodeTrustees(canonical(items as unknown as Json))));
  };
  const keyOf = (group: Lists, i: number): Key => group.verification_keys[i] as Key;

  test("of an honest ceremony is accepted", async () => {
    expect(await checked(() => undefined)).toBe("ok");
  });

  test.each<[string, (group: Lists) => void]>([
    ["another's certificate", (group) => group.certs.splice(1, 1, others.certs[1])],
    ["two certificates exchanged", (group) => group.certs.reverse()],
    ["a certificate's signature", (group) => swap(group.certs, "signature")],
    ["other coefficients", (group) => group.coefexps.splice(0, 1, others.coefexps[0])],
    ["the signature of coefficients", (group) => swap(group.coefexps, "signature")],
    ["the signatures of the certificates exchanged", (group) => group.signatures.reverse()],
    ["another key", (group) => group.verification_keys.splice(2, 1, others.verification_keys[2])],
    ["two keys exchanged", (group) => group.verification_keys.reverse()],
    ["two proofs of possession exchanged", (group) => swap(group.verification_keys, "pok")],
    ["two signatures of keys exchanged", (group) => swap(group.verification_keys, "signature")],
    ["another threshold", (group) => Object.assign(group, { threshold: 3 })],
    ["an unsigned key", (group) => Reflect.deleteProperty(keyOf(group, 1), "signature")],
  ])("with %s is refused", async (_, change) => {
    expect(await checked(change)).toBe("bad_trustees");
  });

  test.each<[string, (group: Lists) => void]>([
    ["a list that is too short", (group) => group.signatures.pop()],
    ["the identity as a key", (group) => Object.assign(keyOf(group, 0), { public_key: IDENTITY.hex })],
  ])("with %s does not decode", async (_, change) => {
    expect(await checked(change)).toBe("malformed");
  });

  test("with one group twice is refused: one key would sign for two", async () => {
    const [item] = JSON.parse(honest) as [Json];
    const twice = decodeTrustees(canonical([item, item]));
    expect(await outcome(() => checkTrustees(twice))).toBe("bad_trustees");
  });
});

/** Exchanges a part of the first two members of a list. */
function swap(list: unknown[], name: string): void {
  const [first, second] = list as [Record<string, unknown>, Record<string, unknown>];
  [first[name], second[name]] = [second[name], first[name]];
}

function toBytes(n: bigint): number[] {
  const hex = n.toString(16).padStart(64, "0");
  return Array.from({ length: 32 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}
