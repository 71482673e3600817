"""A committee some of whose trustees sit at the page, and what such a trustee is given to sign."""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from crypto import ceremony
from crypto.audit.evidence import encode_trackers
from crypto.ceremony_messages import Step1, Step2, Step3
from crypto.checkpoint import Checkpoint
from crypto.committee import Committee, Moment
from crypto.encoding import b64_sha256, canonical, parse
from crypto.keyfile import TrusteeState
from crypto.lifecycle import State
from crypto.tally import Tally
from crypto.trustees import Trustees
from tests import testkit
from tests.crypto import room
from tests.interop.page import Page

Json = Any
ON_PAGE = (1, 3)  # of the three; the second trustee uses the command line


def text_of(state: TrusteeState) -> str:
    return canonical(state.to_json()).decode()


def state_of(text: str) -> TrusteeState:
    return TrusteeState.from_json(parse(text.encode(), "key", limit=1 << 20), "key")


def texts(files: list[bytes]) -> str:
    return json.dumps([file.decode() for file in files])


@dataclass(frozen=True)
class Mixed:
    """A ceremony of three in which some sit at the page: every file has gone both ways."""

    page: Page

    @cached_property
    def first(self) -> list[tuple[TrusteeState, Step1]]:
        firsts = []
        for index in (1, 2, 3):
            if index in ON_PAGE:
                answer = self.page.ask("step1", seat=f"[{index},3,2]")
                step1 = Step1.decode(answer["file"].encode(), f"step 1 of {index}")
                firsts.append((state_of(answer["state"]), step1))
            else:
                firsts.append(ceremony.step1(index, 3, 2))
        return firsts

    @cached_property
    def ones(self) -> list[Step1]:
        return [step1 for _, step1 in self.first]

    @cached_property
    def second(self) -> list[tuple[TrusteeState, Step2]]:
        files, made = texts([one.encode() for one in self.ones]), []
        for state, _ in self.first:
            if state.index in ON_PAGE:
                answer = self.page.ask("step2", state=text_of(state), files=files)
                step2 = Step2.decode(answer["file"].encode(), f"step 2 of {state.index}")
                made.append((state_of(answer["state"]), step2))
            else:
                made.append(ceremony.step2(state, self.ones))
        return made

    @cached_property
    def third(self) -> list[tuple[TrusteeState, Step3]]:
        twos = [step2 for _, step2 in self.second]
        files, made = texts([two.encode() for two in twos]), []
        for state, _ in self.second:
            if state.index in ON_PAGE:
                answer = self.page.ask("step3", state=text_of(state), files=files)
                step3 = Step3.decode(answer["file"].encode(), f"step 3 of {state.index}")
                made.append((state_of(answer["state"]), step3))
            else:
                made.append(ceremony.step3(state, twos))
        return made

    @cached_property
    def held(self) -> room.Room:
        fresh, ones = room.columns(iter(self.first))
        waiting, twos = room.columns(iter(self.second))
        states, threes = room.columns(iter(self.third))
        return room.Room(states, fresh, waiting, ones, twos, threes)

    @cached_property
    def session(self) -> testkit.Session:
        session_file = replace(testkit.HUMAN, delegates=15)
        return testkit.seal(levels=3, held=self.held, human=session_file)

    @cached_property
    def parts(self) -> testkit.Parts:
        """The archive at the close, opened by those who are asked; nothing of it is signed."""
        votes = (self.session.vote(i, choices) for i, choices in enumerate(testkit.VOTES))
        return self.session.archived(votes)

    @cached_property
    def fixed(self) -> dict[State, Checkpoint]:
        return self.session.checkpoints(self.parts)

    @cached_property
    def opened(self) -> Tally:
        return testkit.product(self.session.election, self.parts.ballots)

    def server(self, state: State, owners: tuple[int, ...]) -> bytes:
        """A checkpoint signed by the server, and by these trustees from the command line."""
        return self.session.note(self.fixed[state], owners)


@dataclass(frozen=True)
class Signing:
    """What a trustee of the page is given at each moment."""

    mixed: Mixed
    everyone: tuple[int, ...] = (1, 2, 3)

    @property
    def known(self) -> dict[str, str]:
        session = self.mixed.session
        return {
            "election": session.election.raw.decode(),
            "trustees": session.trustees.encode().decode(),
        }

    @property
    def definition(self) -> dict[str, str]:
        return {**self.known, "session": self.mixed.session.human.encode().decode()}

    def notes(self, *moments: tuple[Moment, State, tuple[int, ...]]) -> str:
        notes = {m: self.mixed.server(state, owners).decode() for m, state, owners in moments}
        return json.dumps(notes)

    @property
    def opening(self) -> dict[str, str]:
        notes = self.notes(
            (Moment.DEFINITION, State.SEALED, self.everyone), (Moment.OPENING, State.OPEN, ())
        )
        credentials = self.mixed.parts.credentials.decode()
        return {**self.known, "notes": notes, "credentials": credentials, "present": "12"}

    def closing(self, owners: tuple[int, ...] = (), opened: tuple[int, ...] = (1, 2, 3)) -> Json:
        notes = self.notes(
            (Moment.DEFINITION, State.SEALED, self.everyone),
            (Moment.OPENING, State.OPEN, opened),
            (Moment.CLOSING, State.CLOSED, owners),
        )
        trackers = [b64_sha256(raw) for raw in self.mixed.parts.ballots]
        return {
            **self.opening,
            "notes": notes,
            "trackers": encode_trackers(trackers).decode(),
            "tally": self.mixed.opened.encode().decode(),
        }


class Alone(room.Room):
    """A committee of one, whose key was made at the page."""

    @cached_property
    def trustees(self) -> Trustees:
        return Trustees((ceremony.single(self.states[0]).item,))

    @cached_property
    def committee(self) -> Committee:
        return ceremony.committee_of(1, [ceremony.single(self.states[0])])
