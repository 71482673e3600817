"""The letter (công văn) with which the office sends a managing authority its report.

It has no title: what it is about stands under its number. Every number in it is one of the
report's (admin/documents/consolidation.py).
"""

from collections import Counter
from dataclasses import replace

from admin.documents import consolidation, parts
from admin.documents.consolidation import Consolidation, number_of
from admin.documents.elements import Banner, Element, Paragraph
from admin.documents.wording import Phrases
from admin.words import words

_KEPT = "Lưu"  # how a recipient begins that is the office's own archive


def letter(many: Consolidation, authority: str) -> list[Element]:
    """The document, to the authority whose officials the report is about."""
    phrase, facts = Phrases(many.style), many.facts
    named = {
        "issuer": facts.issuer or phrase.blank,
        "authority": authority,
        "kinds": consolidation.kinds(many, phrase),
    }
    subject = phrase(f"forwarding.subject_{many.style}", **named)
    kept = phrase(f"recipients.kept_{many.style}")
    filed = any(name.startswith(_KEPT) for name in facts.recipients)
    recipients = (phrase("recipients.above"), *facts.recipients, *(() if filed else (kept,)))
    signed = replace(
        consolidation.signed(many, phrase), recipients=tuple(dict.fromkeys(recipients))
    )
    opening = phrase("forwarding.opening", basis=consolidation.basis(many), **named)
    banner = [Banner(words("cli.audit.rehearsal", "vi"))] if many.rehearsal else []
    return [
        *banner,
        consolidation.masthead(many, kind="letter", subject=subject),
        *consolidation.addressed(many, phrase),
        Paragraph(opening),
        Paragraph(_sessions(many, phrase)),
        *_findings(many, phrase),
        *_owed(many, phrase),
        Paragraph(phrase(f"forwarding.closing_{many.style}", **named), sticky=True),
        parts.closing(signed, phrase),
    ]


def _sessions(many: Consolidation, phrase: Phrases) -> str:
    ways = Counter(consolidation.way(venue.record) for venue in many.venues)
    ways_text = [
        phrase(
            "forwarding.way",
            number=number_of(number),
            way=phrase(f"gathering.ways.{way}").lower(),
        )
        for way, number in sorted(ways.items())
    ]
    lines = sum(len(venue.officials) for venue in many.venues)
    again = sum(len(person) - 1 for person in many.twice)
    return phrase(
        "forwarding.sessions",
        sessions=number_of(len(many.venues)),
        ways=", ".join(ways_text),
        people=number_of(lines - again),
        kinds=consolidation.kinds(many, phrase),
        twice=phrase("forwarding.twice", number=number_of(len(many.twice))) if many.twice else "",
    )


def _findings(many: Consolidation, phrase: Phrases) -> list[Element]:
    cases = consolidation.cases(many)
    if cases:
        return [Paragraph(phrase("forwarding.findings", number=number_of(len(cases))))]
    return [Paragraph(phrase("forwarding.no_finding"))] if consolidation.all_stated(many) else []


def _owed(many: Consolidation, phrase: Phrases) -> list[Element]:
    if many.owed is None:
        return []
    if not many.owed:
        return [Paragraph(phrase("forwarding.all_sent"))]
    bodies = ", ".join(body for body, _ in many.owed)
    return [Paragraph(phrase("forwarding.owed", bodies=bodies))]
