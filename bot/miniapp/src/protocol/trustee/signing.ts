/**
 * A trustee signs and opens (docs/protocol.md §5.1 Key file, §6.2, §7.2): nothing leaves before it is
 * remembered where the key file lies, so `Vault.store` comes first. signable.ts looks.
 */

import { ProtocolError } from "../encoding/errors.ts";
import { failingOf, proveEach } from "../group/equality.ts";
import { type Element, G, power, randomScalar, secretPowers } from "../group/group.ts";
import { checkTrustee, trusteeKey } from "../record/checkpoint.ts";
import { type Note, signAsTrustee } from "../record/note.ts";
import { commitment, saltCommitment } from "../session/committee.ts";
import { newMark, type TrusteeState } from "./keyfile.ts";
import { saltOf, signingScalar } from "./seed.ts";
import { checkWholeShare, makeShare, type WholeShare } from "./share.ts";
import { already, type ClosedBox, checkSigned, closingCode, type Signable } from "./signable.ts";
import { secretOf } from "./trustee.ts";

/** A key file that was opened; `restored` if this machine does not know its mark. */
export interface OpenedKey {
  readonly state: TrusteeState;
  readonly restored: boolean;
}

/** Where the key file lies. `store` ends once the state is safely there, its mark outside it, too. */
export interface Vault {
  store(state: TrusteeState): Promise<void>;
}

// --- Signing --------------------------------------------------------------------------------------

/**
 * Signs, once the vault has stored that it did. Returns the new key and a note with the one line.
 *
 * Throws already_signed: another one was signed at this moment, ever; wrong_state: an opening or closing
 * before the definition; refused: a restored copy, which may have forgotten.
 */
export async function sign(key: OpenedKey, signable: Signable, vault: Vault): Promise<{ key: OpenedKey; note: Note }> {
  if (key.restored) {
    throw new ProtocolError("refused", "this key file is a restored copy: it may have forgotten, and signs nothing");
  }
  const { moment, election, owner, text, digest } = signable;
  const { state } = key;
  if (moment !== "definition") checkSigned(state, election);
  const before = state[moment];
  if (before !== null && before !== digest) throw already(state, `another ${moment}`);
  const secret = signingScalar(state);
  const name = trusteeKey(election, owner).name;
  checkSalt(state, signable);
  const remembering = await stored({ ...state, [moment]: digest }, vault);
  const note = signAsTrustee(text, name, secret, saltOf(state, moment));
  checkTrustee(note, election, owner);
  return { key: { ...key, state: remembering }, note };
}

/** A salt is shown only where the definition has its commitment: else it would be given away for nothing. */
function checkSalt(state: TrusteeState, { moment, election, owner }: Signable): void {
  const member = election.ours.committee.members[owner - 1];
  const own = member && saltCommitment(moment, member.key, saltOf(state, moment));
  if (member === undefined || own !== commitment(member, moment)) {
    throw new ProtocolError("bad_trustees", "the definition has another salt of this trustee");
  }
}

async function stored(state: TrusteeState, vault: Vault): Promise<TrusteeState> {
  const written = { ...state, mark: newMark() };
  await vault.store(written);
  return written;
}

// --- The totals -----------------------------------------------------------------------------------

/** Stores when a quorum's signatures on the closing were seen. Throws bad_checkpoint: fewer, or a wrong one. */
export async function seeQuorum(key: OpenedKey, box: ClosedBox, vault: Vault, now: number): Promise<OpenedKey> {
  closingCode(box);
  if (key.state.quorumSeen !== null) return key;
  return { ...key, state: await stored({ ...key.state, quorumSeen: now }, vault) };
}

/** How long the phones still check before this key opens totals, by this machine's clock in Unix seconds. */
export function secondsLeft({ quorumSeen }: TrusteeState, checkSeconds: number, now: number): number {
  if (quorumSeen === null) return checkSeconds;
  // A clock that was put back makes nobody wait longer than once more.
  return Math.max(0, Math.min(checkSeconds, quorumSeen + checkSeconds - now));
}

/**
 * Opens this trustee's part of the totals, once the vault has stored which.
 *
 * Throws bad_checkpoint: no quorum has signed the closing; wrong_state: the phones still check;
 * already_decrypted: another tally was opened.
 */
export async function open(
  key: OpenedKey,
  box: ClosedBox,
  vault: Vault,
  now: number,
): Promise<{ key: OpenedKey; share: WholeShare }> {
  closingCode(box);
  const { election, trustees, tally } = box.archive;
  const { state } = key;
  if (state.tally !== null && state.tally !== tally.digest) {
    throw new ProtocolError("already_decrypted", `trustee ${state.index}: this key has opened another tally`);
  }
  const left = secondsLeft(state, election.ours.policy.checkSeconds, now);
  if (left > 0) throw new ProtocolError("wrong_state", `the phones still check: ${left} seconds`);
  const remembering = await stored({ ...state, tally: tally.digest }, vault);
  const secret = secretOf(state);
  const share = makeShare(election, box.owner, power(G, secret), secret, tally);
  checkWholeShare(election, trustees, tally, share);
  return { key: { ...key, state: remembering }, share };
}

/**
 * Proves that a key file still opens its part: a share of a number of its own, with a proof that holds.
 * Returns the key by which its shares are checked. Throws incomplete before step 3.
 */
export function trialShare(state: TrusteeState): Element {
  const secret = secretOf(state);
  const [key, base] = [power(G, secret), power(G, randomScalar())];
  const claims = secretPowers([base], secret).map((factor) => ({ base, power: factor }));
  const failing = failingOf("trial|", key, claims, proveEach("trial|", secret, [base]));
  if (failing !== null) throw new ProtocolError("bad_share", "the trial share of this key file is wrong");
  return key;
}
