/**
 * A trustee at work: who carries, the open key, what is known of both. What is sent was stored before;
 * what comes next, steps.ts says.
 */

import type { Check } from "../../protocol/audit/audit.ts";
import { type Bytes, sameCode, utf8 } from "../../protocol/encoding/encoding.ts";
import { ProtocolError } from "../../protocol/encoding/errors.ts";
import { checkCommittee, checkNote } from "../../protocol/record/checkpoint.ts";
import type { Moment } from "../../protocol/session/committee.ts";
import type { Election } from "../../protocol/session/session.ts";
import { freshState, newMark, type TrusteeState } from "../../protocol/trustee/keyfile.ts";
import { decodeTrustees, encodeTrustees, type Trustees } from "../../protocol/trustee/keys.ts";
import { agreementCode, decodeSingle, decodeStep1, decodeStep2, decodeStep3 } from "../../protocol/trustee/messages.ts";
import { checkWholeShare, decodeShareFile, encodeShareFile } from "../../protocol/trustee/share.ts";
import * as signable from "../../protocol/trustee/signable.ts";
import { type OpenedKey, open, seeQuorum, sign, trialShare } from "../../protocol/trustee/signing.ts";
import * as ceremony from "../../protocol/trustee/trustee.ts";
import { auditClosed, recordLimit } from "./closed.ts";
import type { Courier } from "./courier/courier.ts";
import { Fault } from "./fault.ts";
import { findStep, type Next, NOT_RESTORED } from "./steps.ts";
import type { Vault } from "./vault.ts";
import { definitionOf, inOrder, own, quorumOf, SIGNATURES, signedAt, type View } from "./view.ts";

/** Unix seconds by this machine's clock. */
export function now(): number {
  return Math.floor(Date.now() / 1000);
}

/** A code of which people compare one group. */
export type CodeKind = "agreement" | "session" | "opening" | "closing";

export class Desk {
  readonly courier: Courier;
  readonly vault: Vault;
  key: OpenedKey;
  #archive: signable.ClosedArchive | null = null;
  readonly #compared = new Set<string>();

  constructor(courier: Courier, vault: Vault, key: OpenedKey) {
    this.courier = courier;
    this.vault = vault;
    this.key = key;
  }

  get state(): TrusteeState {
    return this.key.state;
  }

  /** What comes next. Throws a Fault, also restored where this copy may not do it. */
  next(view: View): Next {
    const step = findStep(view, this.state, now());
    if (this.key.restored && NOT_RESTORED.has(step)) throw new Fault("restored");
    return step;
  }

  /** Whether people have found this code to be the same, in this window. */
  compared(kind: CodeKind, code: string): boolean {
    return this.#compared.has(`${kind} ${code}`);
  }

  /** Takes one group of a code as a person typed it; whether it is the same. */
  compare(kind: CodeKind, code: string, place: number, typed: string): boolean {
    const same = sameCode(code.split("-")[place] ?? "", typed);
    if (same) this.#compared.add(`${kind} ${code}`);
    return same;
  }

  // --- The ceremony -------------------------------------------------------------------------

  async sendFirst(): Promise<void> {
    const { state } = this;
    const [first = ""] = state.step1s;
    await this.courier.put("step1", state.size === 1 ? ceremony.single(state).file : utf8(first));
  }

  /** The code that all read aloud. Throws faulty_trustee. */
  agreement(view: View): string {
    return agreementCode(inOrder(view, "step1").map((raw, i) => decodeStep1(raw, `step 1 of trustee ${i + 1}`)));
  }

  async reveal(view: View): Promise<void> {
    await this.#send("step2", ceremony.reveal(this.state, inOrder(view, "step1")));
  }

  async conclude(view: View): Promise<void> {
    const step2s = inOrder(view, "step2").map((raw) => decodeStep2(raw));
    await this.#send("step3", ceremony.conclude(this.state, step2s));
  }

  async #send(kind: "step2" | "step3", { state, file }: ceremony.Stepped): Promise<void> {
    await this.#store({ ...state, mark: newMark() });
    await this.courier.put(kind, file);
  }

  async #store(state: TrusteeState): Promise<void> {
    await this.vault.store(state);
    this.key = { ...this.key, state };
  }

  /** Tries the key, and says so to the server. */
  async tryKey(): Promise<void> {
    trialShare(this.state);
    await this.courier.put("checked", new Uint8Array());
  }

  /** trustees.json as the messages make it, not as the server says. */
  #trustees(view: View): Bytes {
    const { state } = this;
    if (state.size === 1) {
      const { key } = decodeSingle(own(view, "step1") ?? new Uint8Array());
      return encodeTrustees([{ kind: "Single", key }]);
    }
    const step2s = inOrder(view, "step2").map((raw) => decodeStep2(raw));
    const step3s = inOrder(view, "step3").map((raw) => decodeStep3(raw));
    return encodeTrustees([ceremony.assemble(ceremony.pinned(state), step2s, step3s)]);
  }

  // --- Three signatures -----------------------------------------------------------------------

  definition(view: View): signable.Definition {
    const election = definitionOf(view);
    return signable.definitionToSign(this.state, election, this.#trustees(view), utf8(view.session ?? ""));
  }

  async notes(): Promise<signable.Notes> {
    return signable.readNotes(await this.courier.checkpoints());
  }

  /** The code of the definition that all have signed. */
  async sessionCode(view: View): Promise<string> {
    return signable.sessionCode(definitionOf(view), await this.notes());
  }

  /** The code of an opening that a quorum has signed: the one that this key has, if it has one. */
  async openingCode(view: View): Promise<string> {
    return this.#openingCode(definitionOf(view), await this.notes());
  }

  #openingCode(election: Election, { opening }: signable.Notes): string {
    if (this.state.definition !== null) signable.checkSigned(this.state, election);
    if (opening === undefined) throw new ProtocolError("incomplete", "there is no opening yet");
    checkNote(opening, election, "open", null);
    const code = checkCommittee(opening, election);
    signable.checkMemory(this.state, "opening", opening.text);
    return code;
  }

  /** The opening against the head count that the committee has taken. */
  async opening(view: View, headCount: number): Promise<signable.Signable> {
    const [notes, credentials] = [await this.notes(), await this.courier.credentials()];
    const trustees: Trustees = decodeTrustees(this.#trustees(view));
    return signable.openingToSign(this.state, definitionOf(view), trustees, notes, credentials, headCount);
  }

  closing(box: signable.ClosedBox, headCount: number): signable.Signable {
    return signable.closingToSign(this.state, box, headCount);
  }

  /** Remembers, and only then signs and sends. */
  async sign(shown: signable.Signable): Promise<void> {
    const { key, note } = await sign(this.key, shown, this.vault);
    this.key = key;
    try {
      await this.courier.put(SIGNATURES[shown.moment], note.encode());
    } catch (error) {
      if (!(await this.#enough(error, shown.moment))) throw error;
    }
  }

  /** Whether others were enough meanwhile, and the session has gone on without this one. */
  async #enough(error: unknown, moment: Moment): Promise<boolean> {
    if (!(error instanceof ProtocolError) || error.code !== "wrong_state") return false;
    const view = await this.courier.look();
    return signedAt(view, moment) >= quorumOf(view);
  }

  // --- The closed box -------------------------------------------------------------------------

  /**
   * The closed box, downloaded and audited; null until the server has signed its closing. What was
   * audited in this window is not audited again, and compared with the notes as they are now.
   */
  async closedBox(view: View, heard: (check: Check) => void): Promise<signable.ClosedBox | null> {
    const [notes, election] = [await this.notes(), definitionOf(view)];
    if (notes.closing === undefined) return null;
    if (this.#archive === null) {
      this.#openingCode(election, notes);
      const record = await this.courier.record(recordLimit(election, notes));
      this.#archive = await auditClosed(record, this.state, notes.closing, heard);
    }
    if (this.#archive.election.uuid !== view.uuid) {
      throw new ProtocolError("bad_definition", "the archive is of another session");
    }
    return signable.closedBox(this.state, this.#archive, notes);
  }

  /** From now on the phones have time to check. */
  async seeQuorum(box: signable.ClosedBox): Promise<void> {
    this.key = await seeQuorum(this.key, box, this.vault, now());
  }

  async open(box: signable.ClosedBox): Promise<void> {
    const { key, share } = await open(this.key, box, this.vault, now());
    this.key = key;
    await this.courier.put("share", encodeShareFile(share, box.archive.election));
  }

  /** Whether the share that the server shows as this trustee's is right (docs/protocol.md §7.2). */
  shareHolds(view: View, { archive, owner }: signable.ClosedBox): boolean {
    try {
      const share = decodeShareFile(own(view, "share") ?? new Uint8Array(), archive.election);
      if (share.owner !== owner) return false;
      checkWholeShare(archive.election, archive.trustees, archive.tally, share);
      return true;
    } catch (error) {
      if (error instanceof ProtocolError) return false;
      throw error;
    }
  }
}

/** The first state of a key. */
export function newKey({ index, size, threshold }: View): TrusteeState {
  return size === 1 ? freshState(1, 1, 1) : ceremony.commit(index, size, threshold).state;
}
