/**
 * One delegate at this page: what is known, what is kept, and which screen comes next.
 *
 * The screens (App.tsx) only show; every step of the protocol is in flow.ts. Whatever happens,
 * the same steps can be gone through again: after a reload, on another device, after a crash.
 */

import { codeHash, parse } from "../protocol/codes.ts";
import { fromBase64, sha256, toBase64, utf8 } from "../protocol/encoding.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { ENDED, OVER, type State } from "../protocol/lifecycle.ts";
import { Secrets } from "../protocol/secrets.ts";
import type { About } from "../shared/about.ts";
import { fetchSession, follow, type SessionNow, type SessionShown } from "../shared/live.ts";
import { Dossier } from "./dossier.ts";
import { encrypt, warm } from "./encrypt.ts";
import { screenAfter } from "./failure.ts";
import * as flow from "./flow.ts";
import { Refusal, Unreachable } from "./server.ts";
import type { Kept, Store } from "./store.ts";
import { account, guardClosing } from "./telegram.ts";
import type { Arrival, Screen } from "./screen.ts";
import type { Prepared } from "./work.ts";

export class Delegate {
  screen: Screen = { is: "loading" };
  now: SessionNow | null = null;
  session: flow.Session | null = null;
  /** The marks so far, by official. */
  marks: (number | null)[] = [];
  readonly dossier = new Dossier(() => this.told());
  /** What the organiser says beside the definition, once it is here. */
  about: About | null = null;
  /** Whether the guidance lies over the screen. */
  reading = false;
  /** While the way to the server is bad: how often it failed. */
  failures = 0;

  private key: string | null = null;
  private kept: Kept | null = null;
  private login: string | null = null;
  private half: string | null = null;
  private bearer: string | null = null;
  private busy = false;

  constructor(
    readonly arrival: Arrival,
    readonly store: Store,
    private readonly told: () => void,
  ) {}

  /** Looks at the session and goes as far as possible without being asked. */
  async start(): Promise<void> {
    warm();
    await this.guarded(async () => {
      const { election, ...now } = await this.fetched();
      this.now = now;
      follow(this.arrival.uuid, (said) => void this.heard(said), () => {});
      if (now.on_paper) return this.show({ is: "stopped", code: "on_paper", alarm: false, again: false });
      if (election === null) return this.show({ is: "preparing" });
      await this.recognise(election);
    });
  }

  /** Takes a code that somebody typed or scanned. */
  async enter(text: string): Promise<void> {
    try {
      const halves = parse(text, this.arrival.uuid);
      this.login = halves.login;
      this.half = halves.recovery;
    } catch (error) {
      return this.show({ is: "enter", wrong: error instanceof ProtocolError ? error.message : "" });
    }
    this.bearer = null;
    await this.guarded(async () => {
      await this.remember(codeHash(this.arrival.uuid, this.login ?? ""));
      await this.decide();
    });
  }

  /** The whole code beside Telegram's login: its second half lets another phone go on. */
  secondHalf(text: string): boolean {
    try {
      this.half = parse(text, this.arrival.uuid).recovery;
    } catch {
      this.half = null;
    }
    return this.half !== null;
  }

  /** Collects the token and registers the credential. */
  async collect(): Promise<void> {
    await this.guarded(async () => {
      const session = this.known();
      const mine = await this.secrets(session);
      if (await flow.registered(session, mine.credential)) return this.collected(mine);
      this.show({ is: "collecting", step: "token" });
      const token = this.kept?.token
        ? fromBase64(this.kept.token, "token")
        : await flow.collect(session, await this.bearing(), mine, this.channel);
      await this.keep({ token: toBase64(token) });
      this.show({ is: "collecting", step: "mask" });
      await flow.mask(flow.MASK);
      this.show({ is: "collecting", step: "register" });
      await flow.register(session, mine.credential, token);
      await this.collected(mine);
    });
  }

  /** Marks a level, or takes the mark back. Draws nothing but what the mark changes. */
  async mark(official: number, level: number | null): Promise<void> {
    this.marks = this.marks.map((one, i) => (i === official ? level : one));
    this.told();
    await this.keep({ draft: this.marks }).catch(() => {});
  }

  /** Lays the guidance over the screen, or takes it away; who has read it is not shown it again. */
  guide(open: boolean): void {
    this.reading = open;
    this.told();
    if (!open) void this.keep({ guided: true }).catch(() => {});
  }

  /** Shows who is here, for the papers and for questions, before there is a ballot. */
  async logIn(): Promise<void> {
    await this.guarded(async () => {
      await this.bearing();
      await this.dossier.look(this.bearer);
      await this.decide();
    });
  }

  go(screen: "fill" | "review"): void {
    this.show({ is: screen });
  }

  /** Encrypts what is marked. Nothing is sent yet. */
  async prepare(): Promise<void> {
    await this.guarded(async () => {
      const session = this.known();
      const mine = await this.secrets(session);
      const total = session.election.questions.length;
      this.show({ is: "encrypting", done: 0, total });
      const progress = (done: number): void => this.show({ is: "encrypting", done, total });
      const prepared = await encrypt(session.election.raw, mine.secret, this.marks, progress);
      this.show({ is: "sealed", prepared });
    });
  }

  /** Reveals the randomness: this ballot is never cast. */
  open(prepared: Prepared): void {
    this.show({ is: "opened", prepared });
  }

  /** Sends the ballot: kept first, so that a second attempt has the same bytes. */
  async send(prepared: Prepared): Promise<void> {
    await this.guarded(async () => {
      const { draft: _, ...rest } = this.kept ?? { phi: this.known().election.phi };
      this.kept = { ...rest, ballot: toBase64(prepared.ballot) };
      await this.keep({});
      this.marks = this.marks.map(() => null);
      await this.cast();
    });
  }

  /** Sends the kept ballot. */
  async cast(): Promise<void> {
    await this.guarded(async () => {
      const session = this.known();
      this.show({ is: "sending" });
      const ballot = fromBase64(this.kept?.ballot ?? "", "ballot");
      const promise = await flow.cast(session, Uint8Array.from(ballot), (failures) => {
        this.failures = failures;
        this.told();
      });
      const { phi, credential } = this.kept ?? {};
      this.kept = { phi: phi ?? session.election.phi, promise, ...(credential ? { credential } : {}) };
      await this.keep({});
      guardClosing(false);
      this.show({ is: "recorded", tracker: flow.trackerOf(promise, session), promise });
    });
  }

  /** After the close: is the ballot among those that are counted? */
  async checkCounted(): Promise<void> {
    await this.guarded(async () => {
      const promise = this.kept?.promise ?? "";
      const found = await flow.checkCounted(this.known(), promise);
      this.show({ is: "counted", promise, ...found });
    });
  }

  /** Starts again from what is kept. */
  async again(): Promise<void> {
    await this.guarded(async () => {
      if (this.session === null) return this.start();
      await this.decide();
    });
  }

  // --- Inside -----------------------------------------------------------------------------

  private get channel(): string {
    return this.login === null && this.arrival.initData !== null ? "miniapp" : "browser";
  }

  private async fetched(): Promise<SessionShown> {
    const found = await fetchSession(this.arrival.uuid).catch(() => {
      throw new Unreachable("session");
    });
    if (found === null) throw new Refusal("unknown_session", 404);
    return found;
  }

  /** Checks the definition, then who is here. */
  private async recognise(election: string): Promise<void> {
    this.session = await flow.look(this.arrival.uuid, election, this.arrival.phi);
    this.marks = this.session.election.questions.map(() => null);
    void this.inform();
    if (this.arrival.code !== null) return this.enter(this.arrival.code);
    if (this.arrival.initData !== null) {
      await this.remember(sha256(utf8(`${this.arrival.uuid}\n${account(this.arrival.initData)}`)));
    } else {
      const mine = (await this.store.keys()).filter((key) => key.startsWith(this.arrival.uuid));
      if (mine.length !== 1) return this.show({ is: "enter", wrong: null });
      await this.remember((mine[0] ?? "").slice(this.arrival.uuid.length + 1));
    }
    await this.decide();
  }

  /** Finds what was kept of this voter. Raises bad_definition if it is of another definition. */
  private async remember(hash: string): Promise<void> {
    this.key = `${this.arrival.uuid}/${hash}`;
    this.bearer = this.arrival.kiosk ? null : sessionStorage.getItem(this.slot);
    void this.dossier.look(this.bearer);
    this.kept = await this.store.get(this.key);
    const phi = this.known().election.phi;
    if (this.kept !== null && this.kept.phi !== phi) {
      throw new ProtocolError("bad_definition", "this phone was shown another definition (φ) before");
    }
  }

  /** The screen that fits what is kept and the session's state. */
  private async decide(): Promise<void> {
    const state = this.now?.state ?? "sealed";
    if (ENDED.has(state)) return this.stop(state);
    if (this.kept?.promise) return this.promised(state, this.kept.promise);
    if (this.kept?.ballot) return this.cast();
    if (OVER.has(state)) return this.stop("over");
    if (state === "open") return this.begin();
    if (this.kept?.registered) return this.show({ is: "ready" });
    if (state === "checkin" && this.kept?.secrets) return this.collect();
    this.show({ is: "welcome" });
  }

  private async promised(state: State, promise: string): Promise<void> {
    if (OVER.has(state)) return this.checkCounted();
    this.show({ is: "recorded", tracker: flow.trackerOf(promise, this.known()), promise });
  }

  /** Voting is open: the ballot, if this voter's credential is on the list. */
  private async begin(): Promise<void> {
    const session = this.known();
    const known = this.kept?.credential ?? (await this.recovered(session));
    if (known === null) return this.stop("registration_ended");
    const listed = await flow.registered(session, known);
    if (!listed && !this.kept?.registered) return this.stop("registration_ended");
    await flow.checkOpened(session, known);
    this.marks = this.kept?.draft ?? this.marks;
    warm(session.election.raw);
    guardClosing(true);
    this.reading = !this.kept?.guided;
    this.show({ is: "fill" });
  }

  /** The credential that another device left with the registrar; null if there is none. */
  private async recovered(session: flow.Session): Promise<string | null> {
    if (this.half === null) return null;
    const kept = await flow.recovered(session, await this.bearing(), this.half);
    if (kept === null) return null;
    await this.keep({ secrets: kept.encode(session.election.phi), credential: kept.credential });
    return kept.credential;
  }

  private async secrets(session: flow.Session): Promise<Secrets> {
    const phi = session.election.phi;
    const own = this.kept?.secrets ? Secrets.decode(utf8(this.kept.secrets), phi) : null;
    if (own !== null && this.kept?.registered) return own;
    const bearer = await this.bearing();
    this.show({ is: "collecting", step: "keep" });
    const mine = await flow.secretsOf(session, bearer, this.half, own);
    await this.keep({ secrets: mine.encode(phi), credential: mine.credential });
    return mine;
  }

  private async collected(mine: Secrets): Promise<void> {
    if (this.kept) delete this.kept.token;
    await this.keep({ credential: mine.credential, registered: true });
    await this.decide();
  }

  private async bearing(): Promise<string> {
    if (this.bearer !== null) return this.bearer;
    this.show({ is: "collecting", step: "login" });
    const uuid = this.arrival.uuid;
    if (this.login !== null) this.bearer = await flow.login(uuid, { code: this.login });
    else if (this.arrival.initData) this.bearer = await flow.login(uuid, { init_data: this.arrival.initData });
    else throw new Refusal("enter_code", 401);
    if (!this.arrival.kiosk) sessionStorage.setItem(this.slot, this.bearer);
    void this.dossier.look(this.bearer);
    return this.bearer;
  }

  private get slot(): string {
    return `phieukin.${this.key ?? ""}`;
  }

  private async inform(): Promise<void> {
    if (this.about !== null) return;
    try {
      this.about = await flow.about(this.known(), this.bearer);
      this.told();
    } catch (error) {
      this.failed(error);
    }
  }

  /** The session has changed. A ballot that is being filled in stays as it is. */
  private async heard(said: SessionNow): Promise<void> {
    const before = this.now?.state;
    this.now = said;
    this.told();
    if (before === said.state || this.busy) return;
    if (this.session === null) return this.again();
    const at = this.screen.is;
    if (["fill", "review", "sealed", "opened"].includes(at) && said.state === "open") return;
    if (["enter", "loading", "stopped"].includes(at) && !ENDED.has(said.state)) return;
    await this.guarded(async () => {
      const { election } = await this.fetched();
      if (election === null || sha256(utf8(election)) !== sha256(this.known().election.raw)) {
        throw new ProtocolError("bad_definition", "the server shows another definition than before");
      }
      await this.decide();
    });
  }

  private async keep(change: Partial<Kept>): Promise<void> {
    this.kept = { ...(this.kept ?? { phi: this.known().election.phi }), ...change };
    if (this.key === null) return;
    try {
      await this.store.set(this.key, this.kept);
    } catch {
      throw new Refusal("storage_full", 507);
    }
  }

  private known(): flow.Session {
    if (this.session === null) throw new ProtocolError("incomplete", "the session is not known yet");
    return this.session;
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
      this.failures = 0;
    }
  }

  private failed(error: unknown): void {
    if (error instanceof Refusal && error.status === 401) this.forgetBearer();
    const screen = screenAfter(error, this.screen.is, this.login !== null);
    if (screen.is === "stopped") guardClosing(false);
    this.show(screen);
  }

  private forgetBearer(): void {
    this.bearer = null;
    sessionStorage.removeItem(this.slot);
  }

  private stop(code: string, alarm = false, again = false): void {
    guardClosing(false);
    this.show({ is: "stopped", code, alarm, again });
  }

  private show(screen: Screen): void {
    this.screen = screen;
    this.told();
  }
}
