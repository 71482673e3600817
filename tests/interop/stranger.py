"""A stranger's verifier of a record, written from docs/protocol.md without a look at our code.

    python -m tests.interop.stranger RECORD [--promise FILE …]

It makes the checks of §9.1 on a `.phieukin.zip` or a bare `.bel` with Python's library and PyNaCl,
prints each, and ends with 0 where all hold, else with 1. Not made: a (it prints the codes to
compare), b (belenios-tool), 21 (the auditors' bundle); stock elections (§3.1) are refused.
`stranger_formats` has §2, §4, §6.2 and §8, `stranger_parties` §3.2 and §5, `stranger_rules` §12
to §16.
"""

import argparse
import hashlib
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.interop.stranger_formats import (
    LIMITS,
    ONE,
    PROOF,
    UUID,
    G,
    Part,
    b64,
    element,
    element_or_one,
    matches,
    need,
    number,
    over,
    power,
    proves,
    proves_one_of,
    raw,
    read_events,
    read_json,
    read_note,
    read_zip,
    sha256,
    spell,
    text,
    times,
    unbase64,
)  # fmt: skip
from tests.interop.stranger_parties import (
    CHANNELS,
    DEFINITION,
    check_ceremony,
    check_policy,
    check_questions,
    check_trustees,
    combine,
    openers,
    pss_verifies,
    read_issuer,
    read_members,
    read_trustees,
)  # fmt: skip
from tests.interop.stranger_rules import check_session, read_rules, read_session, results_json

CHECKS = """0 container, 1 archive, 2 definition, 3 trustees, 4 credentials, 5 ballots, 6 tally,
7 enough, 8 shares, 18 statements, 9 result, c promises, 0 manifest, 10 session, 11 tokens,
12 ceremony, 13 counts, 14 checkpoints, 15 definition_signed, 16 opening_signed, 17 closing_signed,
19 levels, 20 results"""
OF_BUNDLE = (
    "container statements manifest session tokens ceremony counts checkpoints definition_signed "
    "opening_signed closing_signed"
)


class Record:
    """The checks of §9.1 by their ids; each returns what it says of itself, or refuses."""

    def __init__(self, path: Path, file: Part, promises: Sequence[Path]) -> None:
        self.file, self.kept = file, promises
        self.bundle = path.suffix != ".bel"
        self.files: dict[str, tuple[Part, str]] = {}

    def body(self, name: str) -> bytes:
        need(name in self.files, f"incomplete: {name} is not there")
        return self.files[name][0].read()

    def container(self) -> str:
        """§8.2, §2.6: the zip, and which files it has."""
        self.files = {name: (body, digest) for name, body, digest in read_zip(self.file)}
        others = [name for name in self.files if name not in LIMITS]
        need(len(others) == 1 and others[0].endswith(".bel"), "not one .bel, or another file")
        need(UUID(others[0][:-4]) and "MANIFEST" in self.files, "no MANIFEST, or no uuid")
        self.file = self.files[others[0]][0]
        return f"{len(self.files)} files"

    def archive(self) -> str:
        """§8.1: every byte, the chain, and the names of the files of Setup."""
        self.events = read_events(self.file)
        *self.setup, named = [part.read() for part in self.events["Setup"][0]]
        digests = map(sha256, self.setup)
        setup = dict(zip(("election", "trustees", "credentials"), digests, strict=True))
        need(named == spell(setup), "the SHA-256 of the files of Setup")
        return f"{len(self.events['Ballot'])} ballots"

    def definition(self) -> str:
        """§3: election.json, and that trustees.json is the one it is about."""
        self.election = read_json(self.setup[0], DEFINITION, "election.json")
        self.phi, self.uuid = b64(self.setup[0]), self.election["uuid"]
        self.own, self.policy = self.election["phieukin"], self.election["phieukin"]["policy"]
        self.officials = self.own["officials"]
        check_policy(self.policy)
        check_questions(self.election["questions"], self.policy, self.officials)
        self.parties, self.members = read_members(self.election)
        self.modulus = read_issuer(self.own["issuer"])
        need(self.own["trustees"] == sha256(self.setup[1]), "the SHA-256 of trustees.json")
        self.items = read_trustees(self.setup[1], self.election)
        return f"φ {self.phi}, {len(self.officials)} officials"

    def trustees(self) -> str:
        """§5.1: certificates, transcripts, share keys, possession."""
        check_trustees(self.items)
        return f"{self.own['committee']['threshold']} of {len(self.members)} open the totals"

    def credentials(self) -> str:
        """§8.1: elements, distinct, ascending."""
        self.listed = re.findall('"([^"]*)"', self.setup[2].decode())
        need(spell(self.listed) == self.setup[2], "no list of strings")
        need(all(a < b for a, b in pairwise(self.listed)), "two are alike or out of order")
        need(all(map(element, self.listed)), "one is no element")
        return f"{len(self.listed)} registered"

    def ballots(self) -> str:
        """§5.3: each alone, each against all others, in the order of trackers."""
        k, least = len(self.policy["levels"]), int(self.policy["invalid"] == "ballot")
        answer = {
            "choices": ({"alpha": element, "beta": element},) * k,
            "individual_proofs": ((PROOF, PROOF),) * k, "overall_proof": (PROOF,) * (2 - least),
        }  # fmt: skip
        pattern = {
            "election_uuid": self.uuid, "election_hash": self.phi, "credential": element,
            "answers": (answer,) * len(self.officials),
            "signature": {"hash": matches(".{43}"), "proof": PROOF},
        }  # fmt: skip
        most = 1000 + len(self.officials) * (250 + 570 * k + 200 * (2 - least))
        self.totals = [[(ONE, ONE)] * k for _ in self.officials]
        self.trackers, self.pairs, unused = list[str](), set[bytes](), {*self.listed}
        for (part,) in self.events["Ballot"]:
            ballot = read_json(part.read(0, min(part.size, most + 1)), pattern, "a ballot", most)
            tracker = b64(part.read())
            need(not self.trackers or self.trackers[-1] < tracker, f"{tracker} is out of order")
            need(ballot["credential"] in unused, f"{tracker}: no credential, or one that has voted")
            unused.remove(ballot["credential"])
            self.check_signature(ballot, tracker)
            for line, answer in enumerate(ballot["answers"]):
                self.check_line(f"{self.phi}|{ballot['credential']}", line, answer, tracker)
            self.trackers.append(tracker)
        return f"{len(self.trackers)} cast"

    def check_signature(self, ballot: Any, tracker: str) -> None:
        """§5.3, 4: over the ballot without it."""
        digest = b64(spell({name: ballot[name] for name in list(ballot)[:-1]}))
        need(ballot["signature"]["hash"] == digest, f"{tracker}: another hash")
        key, proof = raw(ballot["credential"]), ballot["signature"]["proof"]
        need(proves(f"sig|{digest}|", [(G, key)], proof), f"{tracker}: the signature")

    def check_line(self, context: str, line: int, answer: Any, tracker: str) -> None:
        """§5.3, 2 and 3: the proofs; no ciphertext again; the choices go to the totals."""
        y, least = raw(self.election["public_key"]), self.election["questions"][line]["min"]
        pairs = [(raw(each["alpha"]), raw(each["beta"])) for each in answer["choices"]]
        for pair, proofs in zip(pairs, answer["individual_proofs"], strict=True):
            need(pair[0] + pair[1] not in self.pairs, f"{tracker}: a ciphertext again")
            self.pairs.add(pair[0] + pair[1])
            need(proves_one_of(context, y, pair, 0, proofs), f"{tracker}: line {line + 1}, a proof")
        context += "|" + ",".join(part[::-1].hex() for pair in pairs for part in pair)
        whole = [times(parts) for parts in zip(*pairs, strict=True)]
        holds = proves_one_of(context, y, whole, least, answer["overall_proof"])
        need(holds, f"{tracker}: line {line + 1}, the overall proof")
        self.totals[line] = [
            (times((a, c)), times((b, d)))
            for (a, b), (c, d) in zip(self.totals[line], pairs, strict=True)
        ]

    def tally(self) -> str:
        """§7.1: the products, and their number."""
        need(self.events["EncryptedTally"], "incomplete: no encrypted tally yet")
        products, sized = [part.read() for part in self.events["EncryptedTally"][0]]
        expected = [
            [{"alpha": alpha[::-1].hex(), "beta": beta[::-1].hex()} for alpha, beta in line]
            for line in self.totals
        ]
        need(products == spell(expected), "not the product of the ballots")
        n, self.tallied = len(self.trackers), sha256(products)
        number_of = {"num_tallied": n, "total_weight": n, "encrypted_tally": self.tallied}
        need(sized == spell(number_of), "another number of ballots, or of another tally")
        return f"the product of {n} ballots"

    def enough(self) -> str:
        """§7.1."""
        need(len(self.trackers) >= self.policy["min_ballots"], "fewer ballots than min_ballots")
        return f"at least {self.policy['min_ballots']}"

    def shares(self) -> str:
        """§7.2, §7.3: every proof of §4.3; owners; exactly the shares needed."""
        k, lines = len(self.policy["levels"]), len(self.officials)
        pattern = {
            "decryption_factors": ((element_or_one,) * k,) * lines,
            "decryption_proofs": ((PROOF,) * k,) * lines,
        }
        self.factors = dict[int, list[bytes]]()
        self.keys = [share for item in self.items for _, share in item.owners]
        self.alphas = [alpha for line in self.totals for alpha, _ in line]
        for part, owned in self.events["PartialDecryption"]:
            share = read_json(part.read(), pattern, "a share")
            owner_of = {"owner": number(1, len(self.keys)), "payload": sha256(part.read())}
            owner = read_json(owned.read(), owner_of, "the owner of a share")["owner"]
            need(owner not in self.factors, f"two shares of trustee {owner}")
            self.factors[owner] = [raw(F) for line in share["decryption_factors"] for F in line]
            proofs = [proof for line in share["decryption_proofs"] for proof in line]
            key = self.keys[owner - 1]
            prefix = f"decrypt|{self.phi}|{key[::-1].hex()}|"
            for at, proof in enumerate(proofs):
                pairs = [(G, key), (self.alphas[at], self.factors[owner][at])]
                need(proves(prefix, pairs, proof), f"a proof of trustee {owner}")
        need(self.events["Result"], f"incomplete: {len(self.factors)} shares and no result yet")
        openers(self.items, self.factors)
        return f"of trustees {', '.join(map(str, self.factors))}"

    def statements(self) -> str:
        """§7.2, §4.5: one proof for all factors of a share, in the archive's order."""
        pattern = {"schema": "phieukin.shares/1", "proofs": [{"owner": number(), "proof": PROOF}]}
        proofs = read_json(self.body("shares.json"), pattern, "shares.json")["proofs"]
        owners = [each["owner"] for each in proofs]
        need(owners == [*self.factors], "not one for each share, in order")
        for (owner, factors), each in zip(self.factors.items(), proofs, strict=True):
            key = self.keys[owner - 1]
            prefix = f"phieukin share v2|{self.phi}|{owner}|{self.tallied}|"
            pairs = [(G, key), *zip(self.alphas, factors, strict=True)]
            holds = proves(prefix, pairs, each["proof"], [key, *self.alphas, *factors])
            need(holds, f"the proof of trustee {owner}")
        return f"of trustees {', '.join(map(str, owners))}"

    def result(self) -> str:
        """§7.3: the totals come out of the shares."""
        opened = combine(self.items, self.factors)
        k, n = len(self.policy["levels"]), len(self.trackers)
        pattern = {"result": ((number(0, n),) * k,) * len(self.officials)}
        self.result_json = self.events["Result"][0][0].read()
        self.counted = read_json(self.result_json, pattern, "the result")["result"]
        least = n if self.policy["invalid"] == "ballot" else 0
        need(all(least <= sum(line) <= n for line in self.counted), "the sum of a line")
        betas = (beta for line in self.totals for _, beta in line)
        totals = [total for line in self.counted for total in line]
        for beta, factor, total in zip(betas, opened, totals, strict=True):
            need(over(beta, factor) == power(G, total), "a total does not come out of the shares")
        return f"{len(totals)} totals"

    def promises(self) -> str:
        """§6.3: each is the box's, and of a ballot that is there."""
        head = f"phieukin/{self.uuid}\npromise\nphi {self.phi}\ntracker "
        promised = {f"{head}{tracker}\n".encode() for tracker in self.trackers}
        for path in self.kept:
            need(path.stat().st_size <= LIMITS["MANIFEST"], "a promise larger than a note may be")
            note, lines = read_note(path.read_bytes(), "a promise")
            self.parties["box"].signed(note, lines)
            need(note in promised, "a promise of a ballot that is not in the record")
        return f"{len(self.kept)} kept"

    def manifest(self) -> str:
        """§8.2: every other file, signed by the chair and nobody else."""
        need(f"{self.uuid}.bel" in self.files, "the archive is named by another uuid")
        note, lines = read_note(self.body("MANIFEST"), "MANIFEST")
        files = [(name, digest) for name, (_, digest) in self.files.items() if name != "MANIFEST"]
        listed = "".join(f"{digest}  {name}\n" for name, digest in files)
        need(note == f"phieukin/{self.uuid}\nmanifest\n{listed}".encode(), "lists other files")
        self.parties["chair"].signed(note, lines)
        need(len(lines) == 1, "is signed by somebody else, too")
        self.body("shares.json")
        return f"{len(files)} files"

    def session(self) -> str:
        """§3.2; from here on the files are needed."""
        for name in ("ceremony.json", "checkpoints.txt", "issuance.json", "tokens.jsonl"):
            need(name in self.files, f"incomplete: {name} is not there")
        need(sha256(self.body("session.json")) == self.own["session"], "not the definition's")
        return "is the definition's"

    def tokens(self) -> str:
        """§5.2: one valid token for each credential, and no other; read line by line."""
        body, _ = self.files["tokens.jsonl"]
        need(body.size == 605 * len(self.listed), "not one line for each credential")
        for at, credential in enumerate(self.listed):
            line, head = body.read(605 * at, 605), f'{{"credential":"{credential}","token":"'
            need(line.startswith(head.encode()) and line.endswith(b'"}\n'), f"line {at + 1}")
            token = unbase64(line[len(head) : -3].decode(), 384)
            message = f"phieukin token v1\n{self.phi}\n{credential}".encode()
            need(pss_verifies(self.modulus, message, token), f"the token of line {at + 1}")
        return f"{len(self.listed)}, one for each credential"

    def ceremony(self) -> str:
        """§5.1: every commitment signed and kept, and agreed before anyone revealed."""
        check_ceremony(self.body("ceremony.json"), self.items, self.members)
        return f"of {len(self.members)} trustees"

    def counts(self) -> str:
        """§8.2, check 13: the chain of numbers; channels of the policy, each with a token."""
        channels = [name for name in CHANNELS[:-1] if name in self.policy["channels"]]
        pattern = {
            "schema": "phieukin.issuance/2", "present": number(), "issued": number(),
            "channels": {f"{name}?": number(1) for name in channels},
            "paper": {"opening": number(), "present": number(), "late": number()},
            "amendments": [matches("(?s).*")],
        }  # fmt: skip
        self.issuance = read_json(self.body("issuance.json"), pattern, "issuance.json")
        present, issued, paper = (self.issuance[name] for name in ("present", "issued", "paper"))
        self.roster, self.registered, n = self.amended(), len(self.listed), len(self.trackers)
        need(issued == sum(self.issuance["channels"].values()), "issued is not the channels' sum")
        chain = self.roster, present, issued, self.registered, n
        said = "roster {} ≥ present {} ≥ issued {} ≥ registered {} ≥ cast {}".format(*chain)
        need(all(a >= b for a, b in pairwise(chain)), f"not {said}")
        need(paper["opening"] <= paper["present"], "paper before the opening exceeds all of it")
        need(issued + paper["present"] <= present, "issued + paper exceed present")
        need(present + paper["late"] <= self.roster, "present + late exceed the roster")
        need("paper" in self.policy["channels"] or not any(paper.values()), "paper is no channel")
        return said

    def amended(self) -> int:
        """§6.2.1: the size of the roster after all amendments."""
        size, amendments = self.own["roster"]["size"], self.issuance["amendments"]
        need(len(amendments) <= 100, "more than 100 amendments")
        for k, amendment in enumerate(amendments, 1):
            note, lines = read_note(amendment.encode(), f"amendment {k}")
            head = re.escape(f"phieukin/{self.uuid}\namendment {k}\nphi {self.phi}\n")
            tail = "added (NUMBER)\nremoved (NUMBER)\nroster [0-9a-f]{64}\nreason (.+)\n"
            parts = re.fullmatch(head + tail.replace("NUMBER", "0|[1-9][0-9]{0,8}"), note.decode())
            added, removed, reason = parts.groups() if parts else ("", "", "")
            need(text(1, 500)(reason), f"the text of amendment {k}")
            for name in ("registrar", "chair"):
                self.parties[name].signed(note, lines)
            need(int(removed) <= size, f"amendment {k} removes more than there are")
            size += int(added) - int(removed)
            need(size >= 1, f"amendment {k} leaves nobody")
        return int(size)

    def checkpoints(self) -> str:
        """§6.2: the four notes say what the record says; registrar, box and chair signed them."""
        blocks = (self.body("checkpoints.txt") + b"\n").split(b"\n\n")
        need(len(blocks) == 9 and not blocks[8], "not four notes")
        couples = zip(blocks[:8:2], blocks[1::2], strict=True)
        self.notes = [read_note(b"\n\n".join(couple) + b"\n", "a note") for couple in couples]
        states = self.said(sha256(self.notes[1][0])).items()
        for (state, lines_of), (note, lines) in zip(states, self.notes, strict=True):
            head = f"phieukin/{self.uuid}\n{state}\nphi {self.phi}\n"
            expected = head + "".join(f"{name} {value}\n" for name, value in lines_of.items())
            need(note == expected.encode(), f"the text of {state}")
            for name, party in self.parties.items():
                if (state, name) != ("tallied", "registrar"):
                    party.signed(note, lines)
        return "four notes, signed by registrar, box and chair"

    def said(self, opening: str) -> dict[str, dict[str, Any]]:
        """§6.2: what the record says of each state."""
        paper, registered, cast = self.issuance["paper"], self.registered, len(self.trackers)
        fixed = {name: self.issuance[name] for name in ("channels", "amendments")}
        return {
            "sealed": {"roster": self.own["roster"]["size"], "list": sha256(self.setup[1])},
            "open": {
                "roster": self.roster, "present": self.issuance["present"],
                "issued": self.issuance["issued"], "registered": registered,
                "paper": paper["opening"], "issuance": sha256(spell(fixed)),
                "list": sha256(self.setup[2]),
            },
            "closed": {
                "registered": registered, "cast": cast, "paper": paper["present"],
                "late": paper["late"], "opening": opening, "list": sha256(spell(self.trackers)),
            },
            "tallied": {"cast": cast, "tallied": cast, "list": sha256(self.result_json)},
        }  # fmt: skip

    def definition_signed(self) -> str:
        """§6.4: by the whole committee."""
        return self.code("session", 0, "definition", self.setup[0], len(self.members))

    def opening_signed(self) -> str:
        """§6.4: by a quorum, and no more."""
        return self.code("opening", 1, "opening", self.notes[1][0], self.quorum())

    def closing_signed(self) -> str:
        """§6.4: by a quorum, and no more."""
        return self.code("closing", 2, "closing", self.notes[2][0], self.quorum())

    def quorum(self) -> int:
        """§6.4: ⌈(n + t)/2⌉."""
        return (len(self.members) + int(self.own["committee"]["threshold"]) + 1) // 2

    def code(self, name: str, at: int, moment: str, over_what: bytes, needed: int) -> str:
        """§6.4: so many trustees signed, each with a salt it had committed to; their code."""
        note, lines = self.notes[at]
        signers = [(k, party) for k, party in enumerate(self.members, 1) if party.line(lines)]
        salts = b""
        for k, party in signers:
            salt = party.signed(note, lines)
            committed = sha256(f"phieukin salt v1\n{moment}\n".encode() + party.key + salt)
            need(committed == party.salts[at], f"the salt of trustee {k}")
            salts += salt
        need(len(signers) == needed, f"{len(signers)} trustees signed, not {needed}")
        hashed = f"phieukin {name} code v1\n".encode() + hashlib.sha256(over_what).digest() + salts
        signed_by = ", ".join(str(k) for k, _ in signers)
        return f"{name} code {spoken(hashlib.sha256(hashed).digest())}, trustees {signed_by}"

    def levels(self) -> str:
        """§3.5: session.json decodes; keys, labels and order of the levels are the regime's."""
        regimes = read_rules()
        if self.bundle:
            self.called = read_session(self.body("session.json"), self.policy, regimes)
        need(self.policy["regime"] in regimes, "the regime is not built in, nor in session.json")
        self.regime = regimes[self.policy["regime"]]
        named = [
            {"key": each["key"], "label": each["label"]["vi"]} for each in self.regime["levels"]
        ]
        need(self.policy["levels"] == named, "the levels are not the regime's")
        return f"as {self.policy['regime']} says"

    def results(self) -> str:
        """Check 20: session.json agrees; results.json is what the totals and the regime give."""
        if not self.bundle:
            return "can be computed"
        members = max(self.called["delegates"], self.roster)
        need(len(self.trackers) <= members, "more ballots than members")
        check_session(self.called, self.election)
        expected = results_json(
            self.regime, self.officials, self.counted, len(self.trackers), members
        )
        need(self.body("results.json") == expected, "results.json is not what §13 gives")
        return f"as {self.policy['regime']} says"


def spoken(digest: bytes) -> str:
    """§2.5: 100 bits."""
    bits, alphabet = int.from_bytes(digest, "big") >> 156, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    letters = "".join(alphabet[bits >> shift & 31] for shift in range(95, -1, -5))
    return "-".join(letters[at : at + 4] for at in range(0, 20, 4))


@dataclass(frozen=True)
class Check:
    """A check of §9.1: its number and id, whether it holds, and what it says."""

    number: str
    id: str
    holds: bool
    detail: str


def make(record: Record, number_of: str, name: str) -> Check:
    """One check; whatever goes wrong in it is a refusal."""
    try:
        return Check(number_of, name, True, getattr(record, name)())
    except Exception as wrong:  # noqa: BLE001  fails closed, and no record makes a trace
        return Check(number_of, name, False, f"{wrong}" or type(wrong).__name__)


def verify(path: Path, promises: Sequence[Path] = ()) -> list[Check]:
    """The checks of a record in their order; the first that fails is the last."""
    checks = list[Check]()
    with path.open("rb") as file:
        record = Record(path, Part(file, 0, path.stat().st_size), promises)
        for number_of, name in re.findall("([0-9]+|c) ([a-z_]+)", CHECKS):
            if (name == "promises" and not promises) or (
                not record.bundle and name in OF_BUNDLE.split()
            ):
                continue
            if name == "statements" and "shares.json" not in record.files:
                checks.append(make(record, "0", "manifest"))  # which says that it is not there
            else:
                checks.append(make(record, number_of, name))
            if not checks[-1].holds:
                break
    return checks


def main() -> int:
    """The command: a line for each check."""
    parser = argparse.ArgumentParser(description="verify a record of PhiếuKín")
    parser.add_argument("record", type=Path)
    parser.add_argument("--promise", type=Path, action="append", default=[])
    arguments = parser.parse_args()
    try:
        checks = verify(arguments.record, arguments.promise)
    except OSError as wrong:
        checks = [Check("0", "container", False, str(wrong))]
    for check in checks:
        said = check.detail if check.holds else f"REFUSED: {check.detail}"
        sys.stdout.write(f"{check.number:>2} {check.id:18}{said}\n")
    return 0 if checks[-1].holds else 1


if __name__ == "__main__":
    sys.exit(main())
