"""The full check of a file: what `phieukin audit` and the trustees run.

A bundle gets every check of docs/protocol.md §9.1 (scope `bundle`), a bare `.bel` checks 1 to 9,
the levels and the results (scope `archive`). The checks of the protocol itself are in
crypto/audit/; here are those of the container, the manifest, the levels, the results document,
and the comparisons asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from admin.details import localized
from admin.record import auditor, belenios, bundle, levels, results
from admin.record.session_file import SessionFile
from admin.rules.compute import OfficialResults, Results
from admin.rules.regime import Regime
from admin.words import Language, words
from crypto import checkpoint, note
from crypto.archive import Stream
from crypto.audit.archive import SHARES, audit_archive
from crypto.audit.ballots import Run, check_here
from crypto.audit.evidence import ISSUANCE, SESSION, Counts, Issuance, check_evidence
from crypto.audit.report import Audited, Check, Report
from crypto.encoding import is_code, same_code
from crypto.errors import BadCheckpoint, BadDefinition, BadRecord, Incomplete, ProtocolError
from crypto.group import backend
from crypto.session import Policy

SCHEMA = "phieukin.audit/1"
_COUNTS = ("roster", "present", "issued", "registered", "cast", "tallied")


class UnsoundRecord(BadRecord):
    """What this program has just written does not pass the audit; it is not handed out."""

    code = "unsound_record"


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """What the auditor asks for.

    Attributes:
        fingerprint: the session code as read off the hall screen, or φ in full.
        promises: notes that voters kept; their ballots must be in the record.
        auditor: the auditors' bundle that goes with a record.
        belenios: whether the stock tool shall verify the archive too.
        run: how ballots are spread over processes.
        on_check: called with every check when it has been made.
    """

    fingerprint: str | None = None
    promises: tuple[Path, ...] = ()
    auditor: Path | None = None
    belenios: bool = False
    run: Run = check_here
    on_check: Callable[[Check], None] = lambda _: None


@dataclass
class Outcome:
    """Everything an audit found; `error` is None if all checks passed.

    Attributes:
        rules: the regime whose levels those of the definition were found to be.
    """

    scope: str
    report: Report
    counts: Counts | None = None
    rules: Regime | None = None
    document: Results | None = None
    error: ProtocolError | None = None

    @property
    def fingerprint(self) -> str | None:
        return self.report.setup.election.phi if self.report.setup else None

    @property
    def code(self) -> str | None:
        """The session code, once its signatures are found; an archive alone has none."""
        facts = [check.facts for check in self.report.checks if check.id == "definition_signed"]
        return str(facts[0]["code"]) if facts and "code" in facts[0] else None

    @property
    def rehearsal(self) -> bool:
        """Whether the session was only an exercise."""
        parameters = self.report.setup.election.parameters if self.report.setup else None
        return parameters is not None and parameters.policy.rehearsal

    @property
    def results(self) -> list[OfficialResults]:
        return self.document["officials"] if self.document else []

    def to_json(self) -> dict[str, Any]:
        """The document `phieukin.audit/1`."""
        return {
            "schema": SCHEMA,
            "ok": self.error is None,
            "scope": self.scope,
            "fingerprint": self.fingerprint,
            "error": self._error(),
            "counts": self._counts(),
            "checks": [
                {"id": check.id, "ok": check.ok, "detail": describe(check, "en")}
                for check in self.report.checks
            ],
            "results": self.results,
            "backend": backend().name,
        }

    def _error(self) -> dict[str, str] | None:
        """What ended the audit: its code (docs/protocol.md §9.2) and detail."""
        if self.error is None:
            return None
        return {"code": self.error.code, "detail": localized(str(self.error), "en")}

    def _counts(self) -> dict[str, int | None]:
        if self.counts is not None:
            return {name: getattr(self.counts, name) for name in _COUNTS}
        counts: dict[str, int | None] = dict.fromkeys(_COUNTS)
        if self.report.setup is not None:
            counts["registered"] = len(self.report.setup.credentials)
        if self.report.cast is not None:
            counts["cast"] = len(self.report.cast.trackers)
            counts["tallied"] = counts["cast"] if self.error is None else None
        return counts


def describe(check: Check, language: Language) -> str:
    """What a check found, or why it failed."""
    if not check.ok:
        return localized(check.failure, language)
    facts = dict(check.facts)
    if "last" in facts:
        facts["last"] = words(f"audit.events.{facts['last']}", language)
    return words(f"audit.{check.id}", language, **facts)


def audit_file(path: Path, options: AuditOptions) -> Outcome:
    """Audits a bundle or an archive; a defect is in the outcome, not raised.

    Raises:
        OSError: a file cannot be read.
    """
    with path.open("rb") as file:
        if path.suffix != ".bel":
            return audit_bundle(file, options)
        outcome = Outcome("archive", Report(options.on_check))
        try:
            _audit_archive(rewinding(file), outcome, options)
            if options.auditor is not None:
                raise Incomplete("an auditors' bundle needs the whole record beside it")
        except ProtocolError as error:
            outcome.error = error
    return outcome


def audit_bundle(file: BinaryIO, options: AuditOptions) -> Outcome:
    """The same of a bundle that is open."""
    outcome = Outcome("bundle", Report(options.on_check))
    try:
        _audit_bundle(file, outcome, options)
    except ProtocolError as error:
        outcome.error = error
    return outcome


def check_own(file: BinaryIO, run: Run) -> None:
    """Raises UnsoundRecord where a record that was just written does not pass; says why."""
    outcome = audit_bundle(file, AuditOptions(run=run))
    if outcome.error is not None:
        check = outcome.report.checks[-1].id
        raise UnsoundRecord(f"check {check}: {outcome.error}")


def rewinding(file: BinaryIO) -> Callable[[], Stream]:
    """A file that can be read from its start again and again."""

    def start() -> Stream:
        file.seek(0)
        return file

    return start


def _audit_archive(
    open_archive: Callable[[], Stream],
    outcome: Outcome,
    options: AuditOptions,
    statements: bytes | None = None,
) -> Audited:
    report = outcome.report
    audited = audit_archive(open_archive, report, run=options.run, statements=statements)
    election, size = audited.setup.election, len(audited.cast.trackers)
    if election.parameters is None:
        outcome.document = results.stock(election, audited.result, cast=size)
    elif outcome.scope == "archive":
        # (19) levels, of a bare archive: of a regime that this program knows.
        with report.check("levels") as facts:
            facts.update(_check_levels(election.parameters.policy, None, outcome))
        # (20) results, of a bare archive: that percentages and findings can be computed.
        with report.check("results") as facts:
            document = results.document(election.parameters, audited.result, cast=size)
            outcome.document, value = document, document["denominator"]["value"]
            facts.update({"regime": document["regime"], "value": value or "–"})
    if outcome.scope == "archive":
        _check_fingerprint(outcome, options)
    _check_promises(audited, report, options)
    if options.belenios:
        # (b) belenios: a program that is not ours comes to the same result (§8.3).
        with report.check("belenios") as facts:
            facts.update({"said": belenios.verify(open_archive), "ballots": size})
    return audited


def _check_fingerprint(outcome: Outcome, options: AuditOptions) -> None:
    if options.fingerprint is None:
        return
    # (a) fingerprint: a record of another session can be as sound as this one.
    with outcome.report.check("fingerprint") as facts:
        phi, code, given = outcome.fingerprint, outcome.code, options.fingerprint.strip()
        if given == phi or (code is not None and same_code(code, given)):
            facts["code"] = code or phi
        elif code is not None:
            raise BadDefinition(f"the session code is {code}, not the one you gave")
        elif is_code(given):
            raise Incomplete(f"an archive alone has no session code: give φ in full; it is {phi}")
        else:
            raise BadDefinition(f"φ is {phi}, not the one you gave")


def _check_promises(audited: Audited, report: Report, options: AuditOptions) -> None:
    election = audited.setup.election
    if not options.promises:
        return
    # (c) promises: what the box has signed for was not lost.
    with report.check("promises") as facts:
        if election.parameters is None:
            raise BadDefinition("election.phieukin: a stock election has no promises")
        trackers = set(audited.cast.trackers)
        for path in options.promises:
            try:
                promise = note.parse(path.read_bytes())
                tracker = checkpoint.promised_tracker(promise, election, election.parameters)
            except ProtocolError as error:
                raise BadCheckpoint(f"{path}: {error}") from None
            if tracker not in trackers:
                raise BadRecord(f"{path}: the promised ballot {tracker} is not in the record")
        facts["promises"] = len(options.promises)


def _check_levels(
    policy: Policy, session_file: SessionFile | None, outcome: Outcome
) -> dict[str, object]:
    rules = outcome.rules = levels.check(policy, session_file)
    pairs = zip(rules.labels_in("vi"), rules.level_keys, strict=True)
    return {"regime": rules.id, "levels": ", ".join(f"{label} = {key}" for label, key in pairs)}


def _audit_bundle(file: BinaryIO, outcome: Outcome, options: AuditOptions) -> None:
    report = outcome.report
    # (0) container: one spelling of the zip, so that two programs see the same files.
    with report.check("container") as facts:
        opened = bundle.opened(file)
        facts["files"] = len(opened.entries)
    statements = opened.read(SHARES) if SHARES in opened.entries else None
    audited = _audit_archive(opened.open_archive, outcome, options, statements)
    setup, cast, parameters = audited.setup, audited.cast, audited.setup.election.parameters
    # (0) manifest: the chair signed just these files; his key is in the definition, found above.
    with report.check("manifest") as facts:
        if parameters is None:
            raise BadDefinition("election.phieukin: a record needs it")
        facts["files"] = bundle.check_manifest(opened, setup.election, parameters)
        opened.read(SHARES)  # where the manifest does not list it either, the record is incomplete
    files = opened.evidence()
    outcome.counts = check_evidence(files, setup, cast, audited.result, report)
    _check_fingerprint(outcome, options)
    # (19) levels: each total is told under the words that voters marked, whoever wrote them.
    with report.check("levels") as facts:
        session_file = SessionFile.decode(files[SESSION])
        facts.update(_check_levels(parameters.policy, session_file, outcome))
    # (20) results: the percentages and findings that people read are those of these totals.
    with report.check("results") as facts:
        session_file.check_agrees(setup.election, parameters)
        document = results.document(
            parameters,
            audited.result,
            cast=len(cast.trackers),
            session_file=session_file,
            roster=outcome.counts.roster,
        )
        if opened.read(bundle.RESULTS) != results.encode(document):
            raise BadRecord(f"{bundle.RESULTS}: not what the totals and the regime give")
        outcome.document = document
        facts.update({"regime": document["regime"], "value": document["denominator"]["value"]})
    if options.auditor is not None:
        # (21) auditor: who got a ballot, by name, fits the numbers of the public record.
        with report.check("auditor") as facts:
            issuance = Issuance.decode(files[ISSUANCE])
            facts.update(auditor.check(options.auditor, setup.election, parameters, issuance))
