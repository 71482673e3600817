/** The figures of RFC 8032, RFC 9474 and C2SP signed notes; what noble allows and we do not. */

import { RSABSSA } from "@cloudflare/blindrsa-ts";
import { ed25519 } from "@noble/curves/ed25519.js";
import { describe, expect, test } from "vitest";
import { fromHex, toHex, utf8 } from "../src/protocol/encoding/encoding.ts";
import { elementBytes, IDENTITY, Q, verifySignature } from "../src/protocol/group/group.ts";
import { NoteKey, parseNote } from "../src/protocol/record/note.ts";
import { outcome, read } from "./vectors.ts";

interface Rfc8032 {
  readonly tests: readonly { name: string; public_key: string; message: string; signature: string }[];
}
interface Rfc9474 {
  readonly key: { n: string; e: string };
  readonly tests: readonly Record<string, string>[];
}

describe("RFC 8032", () => {
  test.each(read<Rfc8032>("rfc8032.json").tests)("$name", (vector) => {
    const [key, message, signature] = [vector.public_key, vector.message, vector.signature].map(fromHex);
    const publicKey = elementBytes(key as Uint8Array, "key");
    expect(verifySignature(signature as Uint8Array, message as Uint8Array, publicKey)).toBe(true);
    for (const place of [0, 31, 32, 63]) {
      const altered = Uint8Array.from(signature as Uint8Array);
      altered[place] = (altered[place] ?? 0) ^ 1;
      expect(verifySignature(altered, message as Uint8Array, publicKey)).toBe(false);
    }
    expect(verifySignature(signature as Uint8Array, utf8("another"), publicKey)).toBe(false);
  });

  test("R with a torsion component, which noble accepts, and S + q are refused", () => {
    // Made for the seed of 32 bytes 01: R = g^12345 plus a point of order 8.
    const R = "40a4cf5c611d737a2f1c6fcca84d9cabfed80987f186a5a6c57e629bff1af27f";
    const S = 1263545468231761795358021123865828034539541817092454957191988715543805942479n;
    const key = ed25519.getPublicKey(new Uint8Array(32).fill(1));
    const signature = fromHex(R + littleEndian(S));
    expect(ed25519.verify(signature, utf8("hello"), key, { zip215: false })).toBe(true);
    expect(verifySignature(signature, utf8("hello"), elementBytes(key, "key"))).toBe(false);
    const honest = ed25519.sign(utf8("hello"), new Uint8Array(32).fill(1));
    const larger = BigInt(`0x${toHex(honest.slice(32).reverse())}`) + Q;
    const malleable = fromHex(toHex(honest.slice(0, 32)) + littleEndian(larger));
    expect(verifySignature(malleable, utf8("hello"), elementBytes(key, "key"))).toBe(false);
    const still = fromHex(toHex(IDENTITY.raw) + "00".repeat(32));
    expect(verifySignature(still, utf8("hello"), elementBytes(key, "key"))).toBe(false);
  });
});

describe("RFC 9474", () => {
  const { key, tests } = read<Rfc9474>("rfc9474.json");
  const vector = tests.find(({ name }) => name === "RSABSSA-SHA384-PSS-Deterministic") ?? {};
  const part = (name: string): Uint8Array<ArrayBuffer> => Uint8Array.from(fromHex(vector[name] ?? ""));
  const suite = RSABSSA.SHA384.PSS.Deterministic();

  async function imported(): Promise<CryptoKey> {
    const [n, e] = [key.n, key.e].map((hex) => Buffer.from(hex, "hex").toString("base64url"));
    const jwk = { kty: "RSA", n: n ?? "", e: e ?? "", alg: "PS384", ext: true };
    return crypto.subtle.importKey("jwk", jwk, { name: "RSA-PSS", hash: "SHA-384" }, true, ["verify"]);
  }

  test("finalize and verify", async () => {
    const issuer = await imported();
    const signature = await suite.finalize(issuer, part("input_msg"), part("blind_sig"), part("inv"));
    expect(toHex(signature)).toBe(vector.sig);
    expect(await suite.verify(issuer, part("sig"), part("input_msg"))).toBe(true);
    const altered = part("blind_sig");
    altered[9] = (altered[9] ?? 0) ^ 1;
    await expect(suite.finalize(issuer, part("input_msg"), altered, part("inv"))).rejects.toThrow();
  });
});

describe("signed note", () => {
  const { vkey, note } = read<{ vkey: string; note: string }>("signed_note.json");

  test("the example of C2SP", () => {
    const key = NoteKey.fromVkey(vkey);
    parseNote(utf8(note)).check([key]);
    expect(key.vkey).toBe(vkey);
  });

  test.each([
    ["another text", note.replace("example", "exemple"), "bad_checkpoint"],
    ["another name", note.replace("— example", "— other"), "bad_checkpoint"],
    ["another key id", note.replace("Uw2Q", "Vw2Q"), "bad_checkpoint"],
    ["no signature", note.slice(0, note.indexOf("\n\n") + 2), "malformed"],
    ["no blank line", note.replace("\n\n", "\n"), "malformed"],
    ["no newline at the end", note.slice(0, -1), "malformed"],
    ["twice the same signature", note + note.slice(note.indexOf("—")), "malformed"],
    ["a hyphen for the dash", note.replace("—", "-"), "malformed"],
    ["two spaces", note.replace("foo ", "foo  "), "malformed"],
    ["a plus sign in the name", note.replace("foo ", "fo+ "), "malformed"],
    ["a control character", note.replace("This", "\u007fThis"), "malformed"],
    ["a carriage return", note.replace("\n\n", "\r\n\n"), "malformed"],
    ["unpadded base64", note.replace("=\n", "\n"), "malformed"],
    ["another spelling of the base64", note.replace("yaQM=", "yaQN="), "malformed"],
    ["a key id only", note.replace(/ Uw2Q.*\n/, " Uw2QOg==\n"), "malformed"],
    ["too long", `${"a".repeat(1 << 16)}${note}`, "malformed"],
  ])("%s", async (_, altered, code) => {
    expect(altered).not.toBe(note);
    expect(await outcome(() => parseNote(utf8(altered)).check([NoteKey.fromVkey(vkey)]))).toBe(code);
  });

  test("nobody is named, or a key that did not sign", async () => {
    const parsed = parseNote(utf8(note));
    const other = new NoteKey("other", ed25519.getPublicKey(new Uint8Array(32).fill(2)));
    expect(await outcome(() => parsed.check([]))).toBe("bad_checkpoint");
    expect(await outcome(() => parsed.check([NoteKey.fromVkey(vkey), other]))).toBe("bad_checkpoint");
    expect(await outcome(() => parseNote(Uint8Array.of(0xff)))).toBe("malformed");
  });

  test.each(["", "a+b", vkey.replace("530d", "530e"), vkey.replace("+Aeky", "+Beky"), `${vkey} `])(
    "no verifier key: %s",
    async (altered) => {
      expect(await outcome(() => NoteKey.fromVkey(altered))).toBe("malformed");
    },
  );
});

function littleEndian(number: bigint): string {
  return toHex(fromHex(number.toString(16).padStart(64, "0")).reverse());
}
