/**
 * The token: the registrar's signature on a credential it never sees (docs/protocol.md §5.2; the
 * voter's part of crypto/token.py and crypto/blind.py).
 *
 *     requestToken   C = g^s is chosen, its token message blinded
 *     receiveToken   the registrar's answer, unblinded and verified
 *     checkToken     before the credential is registered
 *
 * RSABSSA-SHA384-PSS-Deterministic of RFC 9474, by Cloudflare's library and the browser's own
 * RSA-PSS; both salt and blinding are drawn by the library.
 */

// Not from the index of the package, which would bring its partially blind scheme along.
import { BlindRSA, PrepareType } from "@cloudflare/blindrsa-ts/lib/src/blindrsa.js";
import { type Bytes, fingerprint, hexDigest, utf8 } from "../encoding/encoding.ts";
import { malformed, ProtocolError } from "../encoding/errors.ts";
import { ALGORITHM, modulusOf } from "../session/issuer.ts";

const LABEL = "phieukin token v1";
const SALT_BYTES = 48;

const suite = new BlindRSA({
  name: "RSABSSA-SHA384-PSS-Deterministic",
  hash: "SHA-384",
  saltLength: SALT_BYTES,
  prepareType: PrepareType.Deterministic,
  supportsRSARAW: false,
});

/** What goes to the registrar, and the secret that undoes the blinding; modulus-long, big-endian. */
export interface Request {
  readonly blinded: Bytes;
  readonly inverse: Bytes;
}

/** The bytes a token signs: label, φ and the credential in hex, each on a line. */
export function tokenMessage(phi: string, credentialHex: string): Bytes {
  return utf8(`${LABEL}\n${fingerprint(phi, "φ")}\n${hexDigest(credentialHex, "credential")}`);
}

/** What the client sends to the registrar, and the secret it keeps. */
export async function requestToken(issuer: CryptoKey, phi: string, credentialHex: string): Promise<Request> {
  const { blindedMsg, inv } = await suite.blind(issuer, tokenMessage(phi, credentialHex));
  return { blinded: new Uint8Array(blindedMsg), inverse: new Uint8Array(inv) };
}

/**
 * The token, from the registrar's answer.
 *
 * Throws malformed: the answer has a wrong length or is not below the modulus; bad_token: the
 * registrar did not sign what was asked.
 */
export async function receiveToken(
  issuer: CryptoKey,
  phi: string,
  credentialHex: string,
  answer: Uint8Array,
  inverse: Uint8Array,
): Promise<Bytes> {
  const message = tokenMessage(phi, credentialHex);
  await checkRepresentative(answer, issuer, "blind signature");
  try {
    return new Uint8Array(await suite.finalize(issuer, message, answer, inverse));
  } catch {
    throw new ProtocolError("bad_token", "the registrar's answer is not a signature");
  }
}

/** Throws bad_token, naming the credential, unless the registrar signed it for φ. */
export async function checkToken(
  issuer: CryptoKey,
  phi: string,
  credentialHex: string,
  token: Uint8Array,
): Promise<void> {
  const message = tokenMessage(phi, credentialHex);
  const algorithm = { name: ALGORITHM.name, saltLength: SALT_BYTES };
  const signature = new Uint8Array(token);
  if (!(await crypto.subtle.verify(algorithm, issuer, signature, message))) {
    const detail = `credential ${credentialHex.slice(0, 8)}: its token is not valid`;
    throw new ProtocolError("bad_token", detail);
  }
}

async function checkRepresentative(data: Uint8Array, issuer: CryptoKey, path: string): Promise<void> {
  const modulus = modulusOf(new Uint8Array(await crypto.subtle.exportKey("spki", issuer)));
  if (data.length !== modulus.length) {
    throw malformed(`${path}: ${data.length} bytes, expected ${modulus.length}`);
  }
  const differs = data.findIndex((byte, i) => byte !== modulus[i]);
  if (differs < 0 || (data[differs] ?? 0) > (modulus[differs] ?? 0)) {
    throw malformed(`${path}: not below the modulus`);
  }
}
