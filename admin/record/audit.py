"""The full check of a file: what `phieukin audit` and the trustees run.

A bundle gets every check (scope `bundle`), a bare `.bel` the checks of crypto/audit.py
(scope `archive`). The container and the manifest come first, the results document and the
comparisons that the caller asks for last.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from admin.record import auditor, belenios, bundle, results
from admin.record.session_file import SessionFile
from admin.rules.compute import OfficialResults, Results
from admin.words import Language, words
from crypto.archive import Stream
from crypto.audit import Audited, Check, Facts, Report, Run, audit_archive, check_here
from crypto.errors import BadDefinition, BadRecord, Incomplete, ProtocolError
from crypto.evidence import ISSUANCE, SESSION, Counts, Issuance, check_evidence
from crypto.session import same_fingerprint

SCHEMA = "phieukin.audit/1"
_COUNTS = ("roster", "present", "issued", "registered", "cast", "tallied")


@dataclass(frozen=True, slots=True)
class Options:
    """What the auditor asks for.

    Attributes:
        fingerprint: φ as read off the hall screen, in full or in the display form.
        auditor: the auditors' bundle that goes with a record.
        belenios: whether the stock tool shall verify the archive too.
        run: how ballots are spread over processes.
        told: hears of every check when it is made.
    """

    fingerprint: str | None = None
    auditor: Path | None = None
    belenios: bool = False
    run: Run = check_here
    told: Callable[[Check], None] = lambda _: None


@dataclass
class Outcome:
    """Everything an audit found; `error` is None if all checks passed."""

    scope: str
    report: Report
    facts: Facts = field(default_factory=Facts)
    counts: Counts | None = None
    document: Results | None = None
    error: ProtocolError | None = None

    @property
    def fingerprint(self) -> str | None:
        return self.facts.setup.election.phi if self.facts.setup else None

    @property
    def spoken(self) -> str | None:
        """φ in the form that people compare."""
        return self.facts.setup.election.spoken_phi if self.facts.setup else None

    @property
    def rehearsal(self) -> bool:
        """Whether the session was only an exercise."""
        parameters = self.facts.setup.election.parameters if self.facts.setup else None
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
            "counts": self._counts(),
            "checks": [
                {"id": check.id, "ok": check.ok, "detail": told(check, "en")}
                for check in self.report.checks
            ],
            "results": self.results,
        }

    def _counts(self) -> dict[str, int | None]:
        if self.counts is not None:
            return {name: getattr(self.counts, name) for name in _COUNTS}
        known: dict[str, int | None] = dict.fromkeys(_COUNTS)
        if self.facts.setup is not None:
            known["registered"] = len(self.facts.setup.credentials)
        if self.facts.cast is not None:
            known["cast"] = len(self.facts.cast.trackers)
            known["tallied"] = known["cast"] if self.error is None else None
        return known


def told(check: Check, language: Language) -> str:
    """What a check found, in words; why it failed is English in every language."""
    return words(f"audit.{check.id}", language, **check.facts) if check.ok else check.failure


def audit_file(path: Path, options: Options) -> Outcome:
    """Audits a bundle or an archive; a defect is in the outcome, not raised.

    Raises:
        OSError: a file cannot be read.
    """
    scope = "archive" if path.suffix == ".bel" else "bundle"
    outcome = Outcome(scope, Report(told=options.told))
    try:
        with path.open("rb") as file:
            if scope == "archive":
                _audit_archive(rewinding(file), outcome, options)
                if options.auditor is not None:
                    raise Incomplete("an auditors' bundle needs the whole record beside it")
            else:
                _audit_bundle(file, outcome, options)
    except ProtocolError as error:
        outcome.error = error
    return outcome


def rewinding(file: BinaryIO) -> Callable[[], Stream]:
    """A file that can be read from its start again and again."""

    def start() -> Stream:
        file.seek(0)
        return file

    return start


def _audit_archive(
    open_archive: Callable[[], Stream], outcome: Outcome, options: Options
) -> Audited:
    audited = audit_archive(open_archive, outcome.report, run=options.run, facts=outcome.facts)
    election, size = audited.setup.election, len(audited.cast.trackers)
    if election.parameters is None:
        outcome.document = results.stock(election, audited.result, cast=size)
    elif outcome.scope == "archive":
        with outcome.report.check("results") as found:
            made = results.document(election.parameters, audited.result, cast=size)
            outcome.document = made
            found.update({"regime": made["regime"], "value": made["denominator"]["value"] or "–"})
    if options.fingerprint is not None:
        with outcome.report.check("fingerprint") as found:
            if not same_fingerprint(election.phi, options.fingerprint):
                raise BadDefinition(f"φ is {election.spoken_phi}, not the one you gave")
            found["phi"] = election.spoken_phi
    if options.belenios:
        with outcome.report.check("belenios") as found:
            found.update({"said": belenios.verify(open_archive), "ballots": size})
    return audited


def _audit_bundle(file: BinaryIO, outcome: Outcome, options: Options) -> None:
    report = outcome.report
    with report.check("container") as found:
        opened = bundle.opened(file)
        found["files"] = len(opened.entries)
    audited = _audit_archive(opened.open_archive, outcome, options)
    setup, cast, parameters = audited.setup, audited.cast, audited.setup.election.parameters
    with report.check("manifest") as found:
        if parameters is None:
            raise BadDefinition("election.phieukin: a record needs it")
        found["files"] = bundle.check_manifest(opened, setup.election, parameters)
    files = opened.evidence()
    outcome.counts = check_evidence(files, setup, cast, audited.result, report)
    with report.check("results") as found:
        human = SessionFile.decode(files[SESSION])
        if human.uuid != setup.election.uuid:
            raise BadRecord(f"{SESSION}: the session in it is {human.uuid}")
        if human.delegates < outcome.counts.roster:
            raise BadRecord(f"{SESSION}: {human.delegates} delegates, but more on the roster")
        human.check_officials(len(setup.election.questions))
        made = results.document(parameters, audited.result, cast=len(cast.trackers), human=human)
        if opened.read(bundle.RESULTS) != results.encode(made):
            raise BadRecord(f"{bundle.RESULTS}: not what the totals and the regime give")
        outcome.document = made
        found.update({"regime": made["regime"], "value": made["denominator"]["value"]})
    if options.auditor is not None:
        with report.check("auditor") as found:
            issuance = Issuance.decode(files[ISSUANCE])
            found.update(auditor.check(options.auditor, setup.election, parameters, issuance))
