/** Every way the protocol says no (docs/protocol.md §9.2; the twin of crypto/errors.py). */

/** Kinds of `rejected`: decoded, but a check fails. One of them from a server is an alarm. */
const REJECTED = [
  "rejected",
  "bad_archive",
  "bad_definition",
  "bad_trustees",
  "bad_credentials",
  "bad_token",
  "bad_ballot",
  "unknown_credential",
  "second_ballot",
  "repeated_ciphertext",
  "bad_signature",
  "bad_proof",
  "bad_tally",
  "bad_share",
  "bad_result",
  "bad_checkpoint",
  "bad_counts",
  "too_few_ballots",
  "bad_record",
] as const;

/** Kinds of `refused`: the rules of the session say no. */
const REFUSED = [
  "refused",
  "wrong_state",
  "registration_ended",
  "not_open",
  "closed",
  "not_signed",
  "unknown_session",
  "bad_code",
  "code_taken",
  "token_already_issued",
  "no_quorum",
  "storage_version",
  "wrong_passphrase",
  "already_decrypted",
  "already_signed",
] as const;

/** The codes of the protocol; a server's problem document may name others. */
export type Code =
  | (typeof REJECTED)[number]
  | (typeof REFUSED)[number]
  | "protocol_error"
  | "malformed"
  | "bad_draft"
  | "incomplete"
  | "faulty_trustee";

/**
 * An error of the protocol. `code` is stable: the server's problem documents and the catalogues
 * of words use it. `message` is the English detail; it never holds a secret.
 */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code: Code | (string & {});

  constructor(code: Code | (string & {}), detail: string) {
    super(detail);
    this.code = code;
  }

  /** Whether somebody showed what is not so; else it is a refusal, a typing error, or too early. */
  get rejected(): boolean {
    return (REJECTED as readonly string[]).includes(this.code);
  }

  /** Whether the rules of the session say no. */
  get refused(): boolean {
    return (REFUSED as readonly string[]).includes(this.code);
  }
}

/** Bytes do not decode; nobody is accused. The detail starts with the path of the field. */
export function malformed(detail: string): ProtocolError {
  return new ProtocolError("malformed", detail);
}
