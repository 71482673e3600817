/**
 * One delegate at this page: which screen comes next.
 *
 * What the screens draw is one value, `view`. What the phone keeps is keepsake.ts, who is here
 * login.ts, what may be read and asked dossier.ts; every step of the protocol is in flow.ts.
 * Whatever happens, the same steps can be gone through again: after a reload, on another device,
 * after a crash.
 */

import { codeHash, newBackupCode, parse, parseBackup } from "../protocol/ballot/codes.ts";
import { Secrets } from "../protocol/ballot/secrets.ts";
import { CODE_GROUPS, fromBase64, isCode, sameCode, sha256, toBase64, utf8 } from "../protocol/encoding/encoding.ts";
import { ProtocolError } from "../protocol/encoding/errors.ts";
import { checkLevels, isBuiltin } from "../protocol/results/levels.ts";
import { ENDED, OVER, type State } from "../protocol/session/lifecycle.ts";
import { between } from "../shared/chance.ts";
import { fetchSession, follow, type SessionNow, type SessionText, stageOf } from "../shared/live.ts";
import { Dossier } from "./dossier.ts";
import { encrypt, lay, start, warm } from "./encrypt.ts";
import { screenAfter } from "./failure.ts";
import * as flow from "./flow.ts";
import { Keepsake, SPENT } from "./keepsake.ts";
import { Login } from "./login.ts";
import { type Arrival, FIRST_VIEW, type Mark, type Screen, stays, type View } from "./screen.ts";
import { Refusal, Unreachable } from "./server.ts";
import type { Store } from "./store.ts";
import { hearTabs, tellTabs } from "./tabs.ts";
import { account, guardClosing } from "./telegram.ts";
import type { Prepared } from "./work.ts";

/** What every screen is given: what to draw, and whom to tell of a tap. */
export interface ScreenProps {
  readonly view: View;
  readonly delegate: Delegate;
}

const AGAIN = 4_000; // milliseconds until a note that lags behind the state is looked at again
const WRONG = 3; // times that a group may be typed wrongly before it is an alarm
const KEEP_AGAIN = 10_000; // milliseconds until a promise is offered to the storage again
export class Delegate {
  view = FIRST_VIEW;
  readonly keepsake: Keepsake;
  readonly dossier: Dossier;
  private readonly login: Login;
  private draw: (view: View) => void = () => {};
  private unfollow: (() => void) | null = null;
  private busy = false;
  private alarm: ProtocolError | null = null; // met beside the steps: none goes on after it
  private decided = ""; // the stage of the session for which the screen was last chosen

  constructor(
    readonly arrival: Arrival,
    store: Store,
  ) {
    this.keepsake = new Keepsake(store, arrival.uuid);
    this.login = new Login(arrival);
    this.dossier = new Dossier(this.login, (change) => this.show(change));
  }

  /** Draws the view now and whenever it changes. */
  watch(draw: (view: View) => void): void {
    this.draw = draw;
    draw(this.view);
  }

  /** Looks at the session and goes as far as possible without being asked. */
  async start(): Promise<void> {
    start();
    await this.guarded(async () => {
      const { election, ...now } = await this.fetched();
      this.show({ now });
      this.decided = stageOf(now);
      if (this.unfollow === null) hearTabs(() => void this.catchUp());
      this.unfollow ??= follow(
        this.arrival.uuid,
        (later) => void this.changed(later),
        () => {},
      );
      if (now.on_paper) return this.stop("on_paper");
      if (election === null) return this.turnTo({ is: "preparing" });
      await this.recognise(election);
    });
  }

  /** Takes a code that somebody typed or scanned. */
  async enter(text: string): Promise<void> {
    let code: string;
    try {
      code = this.login.take(text);
    } catch {
      return this.turnTo({ is: "enter", wrong: isOther(text, parseBackup) ? "backup" : "code" });
    }
    await this.guarded(async () => {
      await this.remember(codeHash(this.arrival.uuid, code));
      await this.decide();
    });
  }

  /** Takes the backup code of the device that has this voter's ballot, and goes on here. */
  async restore(text: string): Promise<void> {
    let code: string;
    try {
      code = parseBackup(text);
    } catch {
      return this.turnTo({ is: "restore", wrong: isOther(text, parse) ? "letter" : "code" });
    }
    await this.guarded(async () => {
      const session = this.session();
      const secrets = await flow.recovered(session, await this.bearer(), code);
      if (secrets === null) return this.stop("token_already_issued");
      const { credential } = secrets;
      await this.keepsake.keep({ secrets: secrets.encode(session.election.phi), credential });
      await this.keepsake.keep({ backup: code, backedUp: true }, "token", "registered");
      this.show({ backup: code });
      await this.decide();
    });
  }

  /** Whether a backup code can be had, or shown again: until the ballot is sent. */
  get mayBackUp(): boolean {
    const { registered, secrets, ballot } = this.keepsake.kept;
    const allowed = this.view.session?.parameters.policy.recovery === "phone";
    return allowed && registered === true && secrets !== undefined && ballot === undefined;
  }

  /** Lays the backup code, or the offer of one, over the screen, or takes it away. */
  showBackup(open: boolean): void {
    this.show({ backingUp: open });
  }

  /** Makes a backup code; shows it once what it opens is with the registrar. */
  async backUp(): Promise<void> {
    await this.guarded(async () => {
      const session = this.session();
      const { screen } = this.view;
      const secrets = await this.secrets(session);
      const code = this.keepsake.kept.backup ?? newBackupCode();
      // Before it is used: a second attempt has the same code.
      if (!(await this.keepsake.keep({ backup: code }))) throw new Refusal("storage_full", 507);
      await flow.backUp(session, await this.bearer(), secrets, code);
      await this.keepsake.keep({ backedUp: true });
      this.show({ screen, backup: code, backingUp: true });
    });
  }

  /** Collects the token and registers the credential. */
  async collect(): Promise<void> {
    await this.guarded(async () => {
      const session = this.session();
      await this.legible(session);
      const bearer = await this.bearer();
      const secrets = await this.secrets(session);
      this.turnTo({ is: "collecting", step: "token" });
      const { token: stored } = this.keepsake.kept;
      const token = stored ? fromBase64(stored, "token") : await this.token(session, bearer, secrets);
      if (token === null) return this.elsewhere("token_already_issued");
      await this.keepsake.keep({ token: toBase64(token) });
      this.turnTo({ is: "collecting", step: "mask" });
      await flow.mask(flow.MASK);
      this.turnTo({ is: "collecting", step: "register" });
      await flow.register(session, secrets.credential, token);
      await this.collected(secrets);
    });
  }

  /** Marks a level, or takes the mark back. */
  async mark(official: number, level: Mark): Promise<void> {
    const marks = this.view.marks.map((mark, place) => (place === official ? level : mark));
    this.show({ marks });
    await this.keepsake.keepMarks(marks);
  }

  /** Lays the guidance over the screen, or takes it away; who has read it is not shown it again. */
  guide(open: boolean): void {
    this.show({ reading: open });
    if (!open) void this.keepsake.keep({ guided: true });
  }

  /** Shows who is here, for the dossiers and for questions, before there is a ballot. */
  async logIn(): Promise<void> {
    await this.guarded(async () => {
      await this.bearer();
      await this.dossier.look();
      await this.decide();
    });
  }

  /** Takes a group of the session code that somebody has read off the hall screen or a letter. */
  async compare(typed: string): Promise<void> {
    const { screen } = this.view;
    if (screen.is !== "compare") return;
    const expected = this.session().code.split("-")[screen.group] ?? "";
    if (!sameCode(expected, typed)) {
      const wrong = screen.wrong + 1;
      if (wrong < WRONG) return this.turnTo({ ...screen, wrong });
      return this.turnTo({ is: "stopped", code: "other_code", alarm: true, again: true });
    }
    await this.guarded(async () => {
      await this.keepsake.keep({ compared: true });
      await this.decide();
    });
  }

  go(screen: "fill" | "review"): void {
    this.turnTo({ is: screen });
  }

  /** Encrypts what is marked. Nothing is sent yet. */
  async prepare(): Promise<void> {
    await this.guarded(async () => {
      const session = this.session();
      const { secret } = await this.secrets(session);
      const total = session.election.questions.length;
      this.turnTo({ is: "encrypting", done: 0, total });
      const progress = (done: number): void => this.turnTo({ is: "encrypting", done, total });
      const prepared = await encrypt(session.election, secret, this.view.marks, progress);
      this.turnTo({ is: "sealed", prepared });
    });
  }

  /** Reveals the randomness: this ballot is never cast. */
  open(prepared: Prepared): void {
    this.turnTo({ is: "opened", prepared });
  }

  /** Sends the ballot: kept first, so that a second attempt, also of another tab, has the same bytes. */
  async send(prepared: Prepared): Promise<void> {
    await this.guarded(async () => {
      const own = toBase64(prepared.ballot);
      await this.keepsake.keepFirst("ballot", { ballot: own }, "draft");
      const { ballot, promise } = this.keepsake.kept;
      this.show({ marks: this.view.marks.map(() => null), otherTab: promise !== undefined || ballot !== own });
      await (promise === undefined ? this.cast() : this.decide());
    });
  }

  /** Sends the kept ballot; once it is recorded the phone forgets what could show a choice. */
  async cast(): Promise<void> {
    await this.guarded(async () => {
      const session = this.session();
      this.turnTo({ is: "sending" });
      this.show({ place: null });
      const ballot = fromBase64(this.keepsake.kept.ballot ?? "", "ballot");
      const promise = await flow.cast(session, ballot, (failures, place) => this.show({ failures, place }));
      guardClosing(false);
      // First of all this is said: nothing that fails from here on changes it.
      const tracker = flow.trackerOf(promise, session);
      this.show({ screen: { is: "recorded", tracker, promise, listed: false }, backup: null, backingUp: false });
      await this.keepPromise(promise);
      tellTabs();
    });
  }

  /** Keeps the promise, again and again until the storage takes it. */
  private async keepPromise(promise: string): Promise<void> {
    const unkept = !(await this.keepsake.keep({ promise }, ...SPENT));
    this.show({ unkept });
    if (unkept) setTimeout(() => void this.keepPromise(promise), KEEP_AGAIN);
  }

  /** Starts again from what is kept. */
  async again(): Promise<void> {
    await this.guarded(async () => {
      if (this.view.session === null) return this.start();
      await this.decide();
    });
  }

  // --- Who is here, and since when --------------------------------------------------------

  private async fetched(): Promise<SessionText> {
    const session = await fetchSession(this.arrival.uuid).catch(() => {
      throw new Unreachable("session");
    });
    if (session === null) throw new Refusal("unknown_session", 404);
    return session;
  }

  /** Checks the definition, then who is here. */
  private async recognise(election: string): Promise<void> {
    const { uuid, sessionCode, code, initData } = this.arrival;
    // Cut off, or with what an application took for a part of it, it is no other session's.
    const damaged = sessionCode !== null && !isCode(sessionCode);
    const session = await flow.look(uuid, election, damaged ? null : sessionCode);
    if (session === null) {
      this.turnTo({ is: "preparing" });
      return this.lookAgain();
    }
    this.show({ session, marks: session.election.questions.map(() => null) });
    warm(session.election);
    void this.inform(session);
    if (damaged) return this.turnTo({ is: "enter", wrong: "link" });
    if (code !== null) return this.enter(code);
    const voter = initData === null ? await this.keepsake.onlyVoter() : sha256(utf8(`${uuid}\n${account(initData)}`));
    if (voter === null) return this.turnTo({ is: "enter", wrong: null });
    await this.remember(voter);
    await this.decide();
  }

  /** Finds what there is of this voter, by a hash. Throws bad_definition if it is of another definition. */
  private async remember(voter: string): Promise<void> {
    this.login.restore(this.keepsake.keyOf(voter));
    void this.dossier.look();
    await this.keepsake.open(voter, this.session().election.phi);
    const { backup = null, backedUp } = this.keepsake.kept;
    this.show({ backup: backedUp ? backup : null });
  }

  private async inform(session: flow.Session): Promise<void> {
    if (this.view.about !== null) return;
    try {
      this.show({ about: await flow.about(session, null) });
    } catch (error) {
      if (!(error instanceof ProtocolError)) return;
      this.alarm = error;
      this.failed(error);
    }
  }

  /** Of a body's own rules session.json says the levels: before them nothing is collected or marked. */
  private async legible(session: flow.Session): Promise<void> {
    const { policy } = session.parameters;
    if (isBuiltin(policy.regime)) return;
    const about = this.view.about ?? (await flow.about(session, await this.bearer()));
    checkLevels(policy, about.rules);
    this.show({ about });
  }

  private async bearer(): Promise<string> {
    if (this.login.bearer !== null) return this.login.bearer;
    this.turnTo({ is: "collecting", step: "login" });
    const bearer = await this.login.authenticate();
    void this.dossier.look();
    return bearer;
  }

  // --- Which step is next -----------------------------------------------------------------

  /** The screen that fits what is kept and the session's state. */
  private async decide(): Promise<void> {
    const now = this.view.now;
    const state = now?.state ?? "sealed";
    this.decided = now === null ? "" : stageOf(now);
    const { promise, ballot, registered, missing, secrets } = this.keepsake.kept;
    if (ENDED.has(state)) return this.stop(state);
    if (promise) return this.promised(state, promise);
    if (ballot) return this.cast();
    if (OVER.has(state)) return this.stop(registered ? "missed" : "over");
    if (state === "open" || now?.waiting?.moment === "opening") return this.sealing(state);
    if (registered && !missing) return this.turnTo({ is: "ready" });
    if (state === "checkin" && secrets) return this.collect();
    this.turnTo({ is: "welcome" });
  }

  private async promised(state: State, promise: string): Promise<void> {
    const session = this.session();
    const screen = { is: "recorded", tracker: flow.trackerOf(promise, session), promise } as const;
    const { is } = this.view.screen;
    if (is !== "recorded" && is !== "counted") this.turnTo({ ...screen, listed: false });
    if (!OVER.has(state)) return;
    const listed = await flow.checkCounted(session, promise, this.keepsake.kept.opening ?? "");
    if (listed.codes !== null) return this.turnTo({ is: "counted", promise, ...listed });
    this.turnTo({ ...screen, listed: true });
    this.lookAgain();
  }

  /** Another tab of this phone may have sent the ballot meanwhile. */
  private async catchUp(): Promise<void> {
    if (this.busy || this.keepsake.kept.promise !== undefined || this.view.session === null) return;
    await this.keepsake.refresh();
    if (this.keepsake.kept.promise === undefined || this.busy) return;
    this.show({ otherTab: true });
    await this.guarded(() => this.decide());
  }

  /** The committee seals the box, or has sealed it: is this voter's credential in it? */
  private async sealing(state: State): Promise<void> {
    const session = this.session();
    const { credential, registered, token, missing, opening: before } = this.keepsake.kept;
    const without = state === "open" ? "registration_ended" : "uncollected";
    if (credential === undefined) return this.elsewhere(without);
    const collected = registered === true || token !== undefined || missing === true;
    const opening = await this.opening(session, credential);
    if (opening === "gone") return;
    if (!opening.listed && !collected) return this.elsewhere(without);
    if (!opening.listed) return this.unlisted(opening);
    if (registered !== true) await this.legible(session); // else it was before collecting, on this device
    await this.keepsake.keep({ registered: true }, "token", "missing");
    if (opening.code === null || state !== "open") {
      this.turnTo({ is: "sealing" });
      return this.lookAgain();
    }
    if (before !== undefined && before !== opening.digest) {
      throw new ProtocolError("bad_checkpoint", "this phone was shown another sealed opening before");
    }
    await this.keepsake.keep({ opening: opening.digest });
    this.begin(session);
  }

  private async opening(session: flow.Session, credential: string): Promise<flow.Opening | "gone"> {
    try {
      return await flow.checkOpening(session, credential);
    } catch (error) {
      // Check-in may have gone on meanwhile: then there is no opening any more, and `keepUp` looks anew.
      if (this.view.now !== null && stageOf(this.view.now) !== this.decided) return "gone";
      throw error;
    }
  }

  /** Who has collected and is not on the list says so before the committee signs; afterwards it is too late. */
  private async unlisted(opening: flow.Opening): Promise<void> {
    if (opening.code !== null) throw new ProtocolError("bad_credentials", "the credential is not on the sealed list");
    await this.keepsake.keep({ missing: true });
    this.turnTo({ is: "stopped", code: "missing", alarm: true, again: false });
  }

  /** Voting is open: the ballot, once this voter has compared the session code. */
  private begin(session: flow.Session): void {
    const { draft, guided, compared } = this.keepsake.kept;
    lay(session.election);
    if (!compared) {
      this.turnTo({ is: "compare", group: Math.floor(between(0, CODE_GROUPS)), wrong: 0 });
      return;
    }
    guardClosing(true);
    this.show({ screen: { is: "fill" }, marks: draft ?? this.view.marks, reading: !guided });
  }

  /** Looks again soon where nobody is waited for and the notes do not say so yet. */
  private lookAgain(): void {
    const { screen, now } = this.view;
    if (now === null || now.waiting !== null) return;
    setTimeout(() => this.view.screen === screen && void this.again(), AGAIN * between(0.75, 1.25));
  }

  /** This device has no ballot: with the backup code of the one that has it, it can go on. */
  private async elsewhere(code: "registration_ended" | "uncollected" | "token_already_issued"): Promise<void> {
    const allowed = this.session().parameters.policy.recovery === "phone";
    if (allowed && (await flow.backedUp(await this.bearer()))) return this.turnTo({ is: "restore", wrong: null });
    // A page that cannot read what it kept does not say that nothing was sent.
    this.stop(this.keepsake.lasting || this.arrival.kiosk || code === "uncollected" ? code : "forgotten");
  }

  /** The token for these secrets; null where it was issued for those of another device. */
  private async token(session: flow.Session, bearer: string, secrets: Secrets): Promise<Uint8Array | null> {
    try {
      return await flow.collect(session, bearer, secrets, this.login.channel);
    } catch (error) {
      if (error instanceof Refusal && error.code === "token_already_issued") return null;
      throw error;
    }
  }

  /** What makes this voter's credential: as it was kept here, also by another tab, else new. */
  private async secrets({ election, issuer }: flow.Session): Promise<Secrets> {
    await this.keepsake.refresh();
    if (this.keepsake.kept.promise !== undefined) {
      this.show({ otherTab: true });
      throw new Error("another tab has sent the ballot"); // what is shown then: `stillRecorded`
    }
    if (this.keepsake.kept.secrets === undefined) {
      this.turnTo({ is: "collecting", step: "keep" });
      const made = await Secrets.make(issuer, election.phi);
      const secrets = made.encode(election.phi);
      await this.keepsake.keepFirst("secrets", { secrets, credential: made.credential });
    }
    return Secrets.decode(utf8(this.keepsake.kept.secrets ?? ""), election.phi);
  }

  private async collected({ credential }: Secrets): Promise<void> {
    await this.keepsake.keep({ credential, registered: true }, "token", "missing");
    await this.decide();
  }

  private async changed(now: SessionNow): Promise<void> {
    this.show({ now });
    await this.keepUp();
  }

  /** The session may have changed since the screen was chosen. A ballot that is being filled in stays as it is. */
  private async keepUp(): Promise<void> {
    const { now, session, screen } = this.view;
    const before = this.decided;
    if (now === null || this.busy || before === stageOf(now)) return;
    this.decided = stageOf(now);
    if (session === null) return this.again();
    if (["fill", "review", "sealed", "opened", "compare"].includes(screen.is) && now.state === "open") return;
    if (stays(screen) && !ENDED.has(now.state)) return;
    await this.guarded(async () => {
      if (!before.startsWith(now.state)) await this.checkDefinition(session);
      await this.decide();
    });
  }

  private async checkDefinition({ election: known }: flow.Session): Promise<void> {
    const { election } = await this.fetched();
    if (election === null || sha256(utf8(election)) !== sha256(known.raw)) {
      throw new ProtocolError("bad_definition", "the server shows another definition than before");
    }
  }

  // --- What is shown ----------------------------------------------------------------------

  private session(): flow.Session {
    if (this.view.session === null) throw new ProtocolError("incomplete", "the session is not known yet");
    return this.view.session;
  }

  /** Runs one thing at a time; whatever goes wrong becomes a screen. */
  private async guarded(act: () => Promise<void>): Promise<void> {
    const outermost = !this.busy;
    this.busy = true;
    try {
      await act();
    } catch (error) {
      if (!outermost) throw error;
      this.failed(error);
    } finally {
      if (outermost) this.busy = false;
      if (this.view.failures > 0) this.show({ failures: 0 });
      if (outermost) void this.keepUp();
    }
  }

  private failed(cause: unknown): void {
    const error = this.alarm ?? cause;
    if (error instanceof Refusal && error.status === 401) this.login.forget();
    const { promise, ballot } = this.keepsake.kept;
    if (promise !== undefined && !(error instanceof ProtocolError)) {
      this.stillRecorded(promise);
      return;
    }
    const sent = promise !== undefined || ballot !== undefined;
    const screen = screenAfter(error, this.view.screen.is, this.login.code !== null, sent);
    if (screen.is === "stopped") guardClosing(false);
    this.show({ screen, backingUp: false });
  }

  /** Whatever fails where nobody broke the protocol, a recorded ballot is recorded. */
  private stillRecorded(promise: string): void {
    const { session, screen } = this.view;
    if (session === null) return;
    const listed = screen.is === "recorded" && screen.listed;
    const tracker = flow.trackerOf(promise, session);
    this.show({ screen: { is: "recorded", tracker, promise, listed }, backingUp: false });
    if (OVER.has(this.view.now?.state ?? "open")) this.lookAgain();
  }

  private stop(code: string): void {
    guardClosing(false);
    this.turnTo({ is: "stopped", code, alarm: false, again: false });
  }

  private turnTo(screen: Screen): void {
    this.show({ screen });
  }

  /** Throws the alarm where a step would put another screen in its place. */
  private show(change: Partial<View>): void {
    const { screen } = change;
    if (this.alarm !== null && screen !== undefined && !(screen.is === "stopped" && screen.alarm)) throw this.alarm;
    this.view = { ...this.view, ...change, loggedIn: this.login.bearer !== null };
    this.draw(this.view);
  }
}

/** Whether somebody typed one of the two kinds of code in the place of the other. */
function isOther(text: string, read: (text: string) => string): boolean {
  try {
    read(text);
    return true;
  } catch {
    return false;
  }
}
