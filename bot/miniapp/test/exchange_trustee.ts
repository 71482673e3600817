/** A trustee of the page for tests/interop/test_miniapp_trustee.py: what test/exchange.ts answers with. */

import { canonical, type Json, sha256, toText, utf8 } from "../src/protocol/encoding/encoding.ts";
import { element } from "../src/protocol/group/group.ts";
import { type Note, parseNote } from "../src/protocol/record/note.ts";
import { checkResult } from "../src/protocol/results/result.ts";
import { MOMENTS, type Moment } from "../src/protocol/session/committee.ts";
import { Election } from "../src/protocol/session/session.ts";
import { checkCeremony } from "../src/protocol/trustee/ceremony.ts";
import {
  type Cost,
  decodeState,
  encodeState,
  newLock,
  openKey,
  sealKey,
  type TrusteeState,
} from "../src/protocol/trustee/keyfile.ts";
import { decodeTrustees, encodeTrustees } from "../src/protocol/trustee/keys.ts";
import * as messages from "../src/protocol/trustee/messages.ts";
import * as share from "../src/protocol/trustee/share.ts";
import * as signable from "../src/protocol/trustee/signable.ts";
import * as signing from "../src/protocol/trustee/signing.ts";
import * as trustee from "../src/protocol/trustee/trustee.ts";
import { checkDefinition, checkTrustees } from "../src/protocol/trustee/trustees.ts";

type Request = Readonly<Record<string, string>>;
type Answer = Record<string, unknown>;

const CHEAP: Cost = { memoryKib: 64, iterations: 1, lanes: 1 };
const NOW = 1_790_000_000;

function part(request: Request, name: string): string {
  return request[name] ?? "";
}

function raw(request: Request, name: string): Uint8Array {
  return utf8(part(request, name));
}

function list(request: Request, name: string): Uint8Array[] {
  return (JSON.parse(part(request, name)) as string[]).map((text) => utf8(text));
}

function election(request: Request): Election {
  return Election.decode(raw(request, "election"));
}

function key(request: Request): signing.OpenedKey {
  return { state: decodeState(raw(request, "state")), restored: request.restored === "yes" };
}

function stepped({ state, file }: trustee.Stepped): Answer {
  return { state: toText(encodeState(state)), file: toText(file) };
}

/** The vault of a test: everything that was stored, in order. */
class Kept implements signing.Vault {
  readonly states: string[] = [];

  async store(state: TrusteeState): Promise<void> {
    this.states.push(toText(encodeState(state)));
  }
}

function notes(request: Request): signable.Notes {
  const texts = JSON.parse(part(request, "notes")) as Record<string, string>;
  const given = MOMENTS.flatMap((moment): [Moment, Note][] => {
    const text = texts[moment];
    return text === undefined ? [] : [[moment, parseNote(utf8(text))]];
  });
  return Object.fromEntries(given);
}

function tally(request: Request): share.EncryptedTally {
  const lines = JSON.parse(part(request, "tally")) as { alpha: string; beta: string }[][];
  return {
    lines: lines.map((line) =>
      line.map(({ alpha, beta }) => ({ alpha: element(alpha, "alpha", true), beta: element(beta, "beta", true) })),
    ),
    digest: sha256(raw(request, "tally")),
  };
}

function closed(request: Request): signable.ClosedBox {
  const archive: signable.ClosedArchive = {
    election: election(request),
    trustees: decodeTrustees(raw(request, "trustees")),
    credentials: raw(request, "credentials"),
    trackers: JSON.parse(part(request, "trackers")) as string[],
    tally: tally(request),
  };
  return signable.closedBox(key(request).state, archive, notes(request));
}

/** The line, and what was stored before it. */
async function signed(request: Request, wanted: signable.Signable): Promise<Answer> {
  const vault = new Kept();
  const { note } = await signing.sign(key(request), wanted, vault);
  return { note: toText(note.encode()), states: vault.states };
}

export const TRUSTEE: Record<string, (request: Request) => Answer | Promise<Answer>> = {
  async open_key(request) {
    const { state } = await openKey(raw(request, "file"), part(request, "passphrase"));
    return { state: toText(encodeState(state)) };
  },
  async seal_key(request) {
    const { state } = key(request);
    const lock = await newLock(part(request, "passphrase"), undefined, CHEAP);
    return { file: toText(sealKey(state, lock)) };
  },
  single: () => stepped(trustee.single()),
  step1(request) {
    const [index = 0, size = 0, threshold = 0] = JSON.parse(part(request, "seat")) as number[];
    return stepped(trustee.commit(index, size, threshold));
  },
  step2: (request) => stepped(trustee.reveal(key(request).state, list(request, "files"))),
  step3(request) {
    const step2s = list(request, "files").map((file) => messages.decodeStep2(file));
    return stepped(trustee.conclude(key(request).state, step2s));
  },
  agreement(request) {
    return { code: messages.agreementCode(list(request, "files").map((file) => messages.decodeStep1(file))) };
  },
  assemble(request) {
    const item = trustee.assemble(
      list(request, "step1s").map((file) => messages.decodeStep1(file)),
      list(request, "step2s").map((file) => messages.decodeStep2(file)),
      list(request, "step3s").map((file) => messages.decodeStep3(file)),
    );
    return { trustees: toText(encodeTrustees([item])) };
  },
  trial(request) {
    return { key: signing.trialShare(key(request).state).hex };
  },
  sign_definition(request) {
    const [trustees, session] = [raw(request, "trustees"), raw(request, "session")];
    const looked = signable.definitionToSign(key(request).state, election(request), trustees, session);
    return signed(request, looked.signable);
  },
  sign_opening(request) {
    const trustees = decodeTrustees(raw(request, "trustees"));
    const [{ state }, count] = [key(request), Number(request.present)];
    const [session, credentials] = [election(request), raw(request, "credentials")];
    return signed(request, signable.openingToSign(state, session, trustees, notes(request), credentials, count));
  },
  sign_closing(request) {
    const { state } = key(request);
    return signed(request, signable.closingToSign(state, closed(request), Number(request.present)));
  },
  async see_quorum(request) {
    const vault = new Kept();
    await signing.seeQuorum(key(request), closed(request), vault, NOW);
    return { states: vault.states };
  },
  async open_totals(request) {
    const [box, vault] = [closed(request), new Kept()];
    const opened = await signing.open(key(request), box, vault, Number(request.now ?? NOW));
    const file = toText(share.encodeShareFile(opened.share, box.archive.election));
    return { share: file, states: vault.states };
  },
  trustees(request) {
    const trustees = decodeTrustees(raw(request, "trustees"));
    checkTrustees(trustees);
    return { owners: trustees.owners.length };
  },
  ceremony(request) {
    checkCeremony(raw(request, "ceremony"), election(request), decodeTrustees(raw(request, "trustees")));
    return {};
  },
  statements(request) {
    const definition = election(request);
    const given = JSON.parse(part(request, "shares")) as [owner: number, share: string][];
    const shares = given.map(([owner, text]) => share.decodeShare(utf8(text), owner, definition));
    const trustees = decodeTrustees(raw(request, "trustees"));
    share.checkStatements(raw(request, "statements"), definition, trustees, tally(request), shares);
    return {};
  },
  check_share(request) {
    const definition = election(request);
    const given = share.decodeShareFile(raw(request, "share"), definition);
    share.checkWholeShare(definition, decodeTrustees(raw(request, "trustees")), tally(request), given);
    return { owner: given.owner };
  },
  /** Checks 2, 3, 8, 18, 9 and 12. */
  check_trustees(request) {
    const definition = election(request);
    const trustees = decodeTrustees(raw(request, "trustees"));
    checkDefinition(definition, trustees);
    checkTrustees(trustees);
    const given = JSON.parse(part(request, "shares")) as [owner: number, share: string][];
    const shares = given.map(([owner, text]) => share.decodeShare(utf8(text), owner, definition));
    share.checkShares(definition, trustees, tally(request), shares);
    share.checkStatements(raw(request, "statements"), definition, trustees, tally(request), shares);
    const ballots = Number(request.ballots);
    const totals: Json = checkResult(raw(request, "result"), definition, trustees, tally(request), shares, ballots);
    checkCeremony(raw(request, "ceremony"), definition, trustees);
    return { totals: toText(canonical(totals)) };
  },
};
