/** What a voter's device must not lose (the twin of `Secrets` in admin/client/voter.py). */

import {
  type Bytes,
  canonical,
  fields,
  fingerprint,
  fromBase64,
  parseJson,
  string,
  toBase64,
  toText,
} from "../encoding/encoding.ts";
import { malformed, ProtocolError } from "../encoding/errors.ts";
import { G, power, randomScalar, scalar } from "../group/group.ts";
import { MODULUS_BYTES } from "../session/issuer.ts";
import { requestToken } from "./token.ts";

const LIMIT = 4096; // bytes

/**
 * What makes a voter's one credential and the request for its token.
 *
 * `secret` is s of the credential C = g^s; `blinded` and `inverse` are the request for its token:
 * with the inverse the registrar could find C, without it a crash after the request would lose the
 * token.
 */
export class Secrets {
  /** C in hex. */
  readonly credential: string;

  private constructor(
    readonly secret: bigint,
    readonly blinded: Bytes,
    readonly inverse: Bytes,
  ) {
    this.credential = power(G, secret).hex;
  }

  /** New ones, for a session's issuer and its φ. */
  static async make(issuer: CryptoKey, phi: string): Promise<Secrets> {
    const secret = randomScalar();
    const { blinded, inverse } = await requestToken(issuer, phi, power(G, secret).hex);
    return new Secrets(secret, blinded, inverse);
  }

  /** JSON, to be kept sealed. */
  encode(phi: string): string {
    return toText(
      canonical({
        schema: "phieukin.voter/1",
        phi,
        secret: String(this.secret),
        blinded: toBase64(this.blinded),
        inverse: toBase64(this.inverse),
      }),
    );
  }

  /** Throws malformed, and bad_definition for those of another definition. */
  static decode(raw: Uint8Array, phi: string): Secrets {
    const path = "recovery";
    const value = parseJson(raw, path, LIMIT);
    const json = fields(value, path, ["schema", "phi", "secret", "blinded", "inverse"]);
    string(json.schema, `${path}.schema`, /^phieukin[.]voter\/1$/);
    if (fingerprint(json.phi, `${path}.phi`) !== phi) {
      throw new ProtocolError("bad_definition", "what this voter's phone kept belongs to another definition (φ)");
    }
    const secret = scalar(json.secret, `${path}.secret`);
    if (secret === 0n) throw malformed(`${path}.secret: zero is no secret`);
    return new Secrets(
      secret,
      fromBase64(json.blinded, `${path}.blinded`, MODULUS_BYTES),
      fromBase64(json.inverse, `${path}.inverse`, MODULUS_BYTES),
    );
  }
}
