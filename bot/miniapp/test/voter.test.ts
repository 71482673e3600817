/** What a voter makes and checks: ballots, openings, checkpoints, promises, codes, secrets. */

import { describe, expect, test } from "vitest";
import * as ballot from "../src/protocol/ballot/ballot.ts";
import * as codes from "../src/protocol/ballot/codes.ts";
import { Blank, prepare, preparing, warm } from "../src/protocol/ballot/prepare.ts";
import { Secrets } from "../src/protocol/ballot/secrets.ts";
import { sizeLimit } from "../src/protocol/ballot/size.ts";
import * as token from "../src/protocol/ballot/token.ts";
import { canonical, concat, fromBase64, sha256, toBase64, toText, utf8 } from "../src/protocol/encoding/encoding.ts";
import { G, power, randomScalar } from "../src/protocol/group/group.ts";
import * as checkpoint from "../src/protocol/record/checkpoint.ts";
import { Note, parseNote } from "../src/protocol/record/note.ts";
import { importIssuer } from "../src/protocol/session/issuer.ts";
import type { State } from "../src/protocol/session/lifecycle.ts";
import { Election } from "../src/protocol/session/session.ts";
import { election, outcome, own } from "./vectors.ts";

const LINE = election("line");
const FULL = election("ballot");
const FIVE = election("five");
const UUID = LINE.uuid;

describe("ballot", () => {
  test.each([
    [LINE, [0, null]],
    [LINE, [null, null]],
    [LINE, [1, 1]],
    [FULL, [0, 1]],
  ])("a ballot and its opening %#", async (session, choices) => {
    const secret = randomScalar();
    const prepared = prepare(session, secret, choices);
    const decoded = ballot.decode(prepared.raw, session);
    ballot.check(decoded, session);
    ballot.checkOpening(prepared.raw, session, ballot.Opening.decode(prepared.opening.encode()));
    expect(decoded.credential.hex).toBe(power(G, secret).hex);
    expect([decoded.tracker, prepared.opening.tracker]).toEqual([prepared.tracker, prepared.tracker]);
    expect(prepared.raw.length).toBeLessThanOrEqual(sizeLimit(session));
    const others = choices.map((choice) => (choice === 0 ? 1 : 0));
    const lie = new ballot.Opening(prepared.tracker, others, prepared.opening.randomness);
    expect(await outcome(() => ballot.checkOpening(prepared.raw, session, lie))).toBe("bad_ballot");
  });

  test.each([
    [LINE, [0]],
    [LINE, [0, 2]],
    [LINE, [0, -1]],
    [LINE, [0, 0.5]],
    [LINE, [0, Number.NaN]],
    [FULL, [0, null]],
  ])("choices that do not exist %#", async (session, choices) => {
    expect(await outcome(() => prepare(session, 1n, choices))).toBe("bad_ballot");
  });

  test.each([0, 1, 2])("made ahead, %i of 2 lines: told of each line, and never used twice", (lines) => {
    const blank = new Blank(LINE);
    expect(Array.from({ length: lines }, () => blank.grow())).toEqual(new Array(lines).fill(true));
    if (lines === 2) expect(blank.grow()).toBe(false);
    const seen: string[] = [];
    for (const choices of [
      [0, null],
      [1, 1],
    ]) {
      const work = preparing(blank, 7n, choices);
      const told: number[] = [];
      let step = work.next();
      for (; !step.done; step = work.next()) told.push(step.value);
      expect(told).toEqual([0, 1, 2]);
      const { raw, opening } = step.value;
      ballot.checkOpening(raw, LINE, opening);
      const { answers } = ballot.decode(raw, LINE);
      seen.push(...answers.flatMap((answer) => answer.choices.map(({ alpha }) => alpha.hex)));
      seen.push(
        ...answers.flatMap((answer) => answer.individualProofs.flat().map(({ challenge }) => String(challenge))),
      );
    }
    expect(new Set(seen).size).toBe(seen.length);
  });

  test("any altered digit is refused", async () => {
    warm(LINE);
    const raw = prepare(LINE, randomScalar(), [0, null]).raw;
    const places = Array.from({ length: 60 }, (_, i) => Math.floor((i * raw.length) / 60));
    for (const place of places) {
      const altered = Uint8Array.from(raw);
      altered[place] = altered[place] === 0x31 ? 0x32 : 0x31;
      const verdict = await outcome(() => ballot.check(ballot.decode(altered, LINE), LINE));
      expect(["malformed", "bad_ballot", "bad_signature"]).toContain(verdict);
    }
    const other = prepare(LINE, randomScalar(), [0, null]);
    expect(await outcome(() => ballot.checkOpening(raw, LINE, other.opening))).toBe("bad_ballot");
    expect(await outcome(() => ballot.decode(other.raw, FULL))).toBe("bad_ballot");
  });
});

interface CheckpointInput {
  readonly election: string;
  readonly state: checkpoint.SignedState;
  readonly counts: readonly number[];
  readonly note: string;
  readonly listed: string;
}

describe("notes of a session", () => {
  const vectors = own<CheckpointInput>("checkpoint").filter(
    ({ expect: verdict, input }) => verdict === "ok" && input.election === "five",
  );
  const notes = checkpoint.SIGNED_STATES.map(
    (state) => vectors.find(({ input }) => input.state === state)?.input as CheckpointInput,
  );
  const closed = notes[2] as CheckpointInput;

  test("checkpoints.txt falls into its notes, each of its state", () => {
    const texts = notes.map(({ note }) => note);
    const split = checkpoint.splitNotes(utf8(texts.join("\n"))).map((raw) => toText(raw));
    expect(split).toEqual(texts);
    for (const { state, counts, note, listed } of notes) {
      const known = Object.fromEntries(checkpoint.COUNTS[state].map((name, i) => [name, counts[i] ?? -1]));
      checkpoint.checkNote(parseNote(utf8(note)), FIVE, state, sha256(utf8(listed)), known);
    }
  });

  test.each([
    ["another list", { listed: "other" }],
    ["another count", { known: { cast: 99 } }],
    ["another state", { state: "open" }],
    ["a state without a note", { state: "checkin" }],
    ["another definition", { session: FULL }],
  ])("%s is not this checkpoint", async (_, change) => {
    const { note, ...expected } = { ...closed, session: FIVE, known: {}, ...change };
    const { session, state, listed, known } = expected as typeof expected & { state: State };
    const run = (): unknown => checkpoint.checkNote(parseNote(utf8(note)), session, state, sha256(utf8(listed)), known);
    expect(await outcome(run)).toBe("bad_checkpoint");
  });

  test.each(["", "a", "phieukin/x\nclosed\n", closed.note.replace("cast 5", "cast 05")])(
    "no text of a checkpoint: %j",
    async (text) => {
      expect(await outcome(() => checkpoint.parseBody(text))).toBe("bad_checkpoint");
    },
  );

  test("fewer trustees than must sign give no code yet, and a wrong one is no signature", async () => {
    const note = parseNote(utf8(closed.note));
    const [first, ...others] = note.signatures.filter(({ name }) => name.includes("trustee"));
    const parties = note.signatures.filter(({ name }) => !name.includes("trustee"));
    const signedBy = (trustees: typeof note.signatures): Note => new Note(note.text, [...parties, ...trustees]);
    expect(checkpoint.committeeCode(note, FIVE)).toMatch(/^([0-9A-Z]{4}-){4}[0-9A-Z]{4}$/);
    expect(checkpoint.committeeCode(signedBy(others), FIVE)).toBeNull();
    expect(await outcome(() => checkpoint.checkCommittee(signedBy(others), FIVE))).toBe("bad_checkpoint");
    const signature = Uint8Array.from(first?.signature ?? []);
    signature[0] = (signature[0] ?? 0) ^ 1;
    const wrong = [{ name: "", keyId: signature, ...first, signature }];
    expect(await outcome(() => checkpoint.committeeCode(signedBy(wrong), FIVE))).toBe("bad_checkpoint");
  });

  test("odd or broken files of notes", async () => {
    expect(await outcome(() => checkpoint.splitNotes(new Uint8Array()))).toBe("bad_checkpoint");
    expect(await outcome(() => checkpoint.splitNotes(utf8("a\n\nb\n\nc")))).toBe("bad_checkpoint");
    expect(await outcome(() => checkpoint.splitNotes(Uint8Array.of(0xff)))).toBe("bad_checkpoint");
  });

  test("a promise for another ballot", async () => {
    const vector = own<{ promise: string }>("promise").find((candidate) => candidate.expect === "ok");
    const promise = parseNote(utf8(vector?.input.promise ?? ""));
    expect(await outcome(() => checkpoint.checkPromise(promise, LINE, LINE.phi))).toBe("bad_checkpoint");
    expect(await outcome(() => checkpoint.trackerOf(promise, FULL))).toBe("bad_checkpoint");
  });
});

describe("codes", () => {
  const [letters, backup] = ["01ABCDEFGHJKMNPQ", "RSTVWXYZ01234567"];
  const code = letters.match(/.{4}/g)?.join("-") ?? "";

  test.each([
    code,
    code.toLowerCase(),
    code.replaceAll("-", ""),
    code.replaceAll("-", "\u00a0–\u2011 "),
    code.replaceAll("-", "\u2212"),
    `\ufeff ${code}\n`,
    code.replaceAll("0", "O").replaceAll("1", "l"),
    `https://phieu.example/v/${UUID}#c=${code}&f=a-b_c`,
    `/v/${UUID}#c=${code}`,
    `#f=abc&c=${code.toLowerCase()}`,
    `https://v/x#c=${code}`,
  ])("%j", (typed) => {
    expect(codes.parse(typed, UUID)).toBe(letters);
  });

  test.each([
    backup,
    backup.toLowerCase().match(/.{4}/g)?.join("-") ?? "",
    backup.replace("0", "O").replace("1", "l").replaceAll("2", " 2\u00a0"),
  ])("the backup code %j", (typed) => {
    expect(codes.parseBackup(typed)).toBe(backup);
  });

  test("neither of a letter's code and a backup code is taken for the other", async () => {
    const link = `https://phieu.example/v/${UUID}#c=${backup}`;
    for (const typed of [backup, link]) expect(await outcome(() => codes.parse(typed, UUID))).toBe("bad_code");
    for (const typed of [code, `#c=${code}`, ""]) {
      expect(await outcome(() => codes.parseBackup(typed))).toBe("bad_code");
    }
  });

  test("a backup code is new each time, and begins as no code of a letter does", () => {
    const made = Array.from({ length: 400 }, () => codes.newBackupCode());
    expect(new Set(made).size).toBe(made.length);
    expect(new Set(made.map((backupCode) => backupCode.charAt(0))).size).toBe(16);
    for (const backupCode of made) expect(backupCode).toMatch(/^[GHJKMNP-TV-Z][0-9A-HJKMNP-TV-Z]{15}$/);
    expect(new Set(made.map((backupCode) => backupCode.charAt(7))).size).toBe(32);
  });

  test.each([
    "",
    code.slice(0, -1),
    `${code}0`,
    `${code}-${code}`,
    code.replace("A", "U"),
    code.replace("A", "Â"),
    code.replace("D", "Đ"),
    `https://phieu.example/v/${UUID}`,
    `https://phieu.example/v/${UUID}?c=${code}`,
    `https://phieu.example/v/${UUID}#c=${code}&c=${code}`,
    `https://phieu.example/v/Phieu1Kin2Test3B#c=${code}`,
    `https://[/v/${UUID}#c=${code}`,
    `#${"a=b&".repeat(9)}c=${code}`,
    `#?c=${code}`,
  ])("%j is refused", async (typed) => {
    expect(await outcome(() => codes.parse(typed, UUID))).toBe("bad_code");
  });

  test("what is sealed opens with this backup code in this session only", async () => {
    const key = codes.recoveryKey(backup, UUID);
    const sealed = codes.seal(key, UUID, utf8("kept"));
    expect(toText(codes.unseal(key, UUID, sealed))).toBe("kept");
    expect(sealed).not.toEqual(codes.seal(key, UUID, utf8("kept")));
    const other = codes.recoveryKey(letters, UUID);
    const altered = concat(sealed.slice(0, -1), Uint8Array.of((sealed.at(-1) ?? 0) ^ 1));
    const wrong = [
      [other, UUID, sealed],
      [key, "Phieu1Kin2Test3B", sealed],
      [key, UUID, altered],
      [key, UUID, sealed.slice(0, 20)],
      [key, UUID, new Uint8Array()],
    ] as const;
    for (const [k, u, s] of wrong) expect(await outcome(() => codes.unseal(k, u, s))).toBe("bad_code");
  });
});

describe("secrets and tokens", () => {
  test("come back as they were, for this definition", async () => {
    const issuer = await importIssuer(LINE.ours.issuer);
    const secrets = await Secrets.make(issuer, LINE.phi);
    const kept = utf8(secrets.encode(LINE.phi));
    expect(Secrets.decode(kept, LINE.phi)).toEqual(secrets);
    expect(secrets.credential).toBe(power(G, secrets.secret).hex);
    expect([secrets.blinded.length, secrets.inverse.length]).toEqual([384, 384]);
    expect(await outcome(() => Secrets.decode(kept, FULL.phi))).toBe("bad_definition");
    const value = JSON.parse(toText(kept)) as Record<string, string>;
    const changes = [
      { secret: "0" },
      { secret: "-1" },
      { schema: "phieukin.voter/2" },
      { blinded: "AA==" },
      { inverse: "" },
    ];
    for (const change of changes) {
      expect(await outcome(() => Secrets.decode(canonical({ ...value, ...change }), LINE.phi))).toBe("malformed");
    }
  });

  test("an answer of a wrong size, too large, or to something else", async () => {
    const issuer = await importIssuer(LINE.ours.issuer);
    const secrets = await Secrets.make(issuer, LINE.phi);
    const receive = (answer: Uint8Array): Promise<string> =>
      outcome(() => token.receiveToken(issuer, LINE.phi, secrets.credential, answer, secrets.inverse));
    expect(await receive(new Uint8Array(383))).toBe("malformed");
    expect(await receive(new Uint8Array(384).fill(255))).toBe("malformed");
    expect(await receive(LINE.ours.issuer.slice(33, 417))).toBe("malformed");
    expect(await receive(new Uint8Array(384).fill(7))).toBe("bad_token");
    const short = token.checkToken(issuer, LINE.phi, secrets.credential, new Uint8Array(3));
    expect(await outcome(() => short)).toBe("bad_token");
  });

  test.each([
    (spki: Uint8Array) => spki.slice(0, -1),
    (spki: Uint8Array) => concat(spki, Uint8Array.of(0)),
    (spki: Uint8Array) => withByte(spki, -1, 3),
    (spki: Uint8Array) => withByte(spki, 33, 0x7f),
    (spki: Uint8Array) => withByte(spki, 416, 0),
    (spki: Uint8Array) => withByte(spki, 15, 0x0a),
    () => new Uint8Array(),
  ])("no issuer key %#", async (change) => {
    expect(await outcome(() => importIssuer(change(LINE.ours.issuer)))).toBe("malformed");
  });

  test("a stock election has no parameters", async () => {
    const { phieukin: _, ...rest } = JSON.parse(toText(LINE.raw)) as Record<string, never>;
    const stock = Election.decode(canonical(rest));
    expect(stock.parameters).toBeNull();
    expect(await outcome(() => stock.ours)).toBe("bad_definition");
    expect(toBase64(fromBase64(toBase64(stock.raw), "raw"))).toBe(toBase64(stock.raw));
  });
});

function withByte(bytes: Uint8Array, place: number, value: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[place < 0 ? copy.length + place : place] = value;
  return copy;
}
