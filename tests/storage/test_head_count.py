"""The head count and the tokens, in the same moment."""

import pytest

from crypto.errors import Refused
from crypto.lifecycle import State, Step
from tests.storage.sample import UUID, registrar_at, token


async def test_nobody_opens_with_more_tokens_than_people(registrar):
    """A token issued after the count was entered is counted by the book itself."""
    await registrar_at(registrar, Step.SEAL, Step.CHECK_IN)
    await token(registrar, 0)
    await registrar.set_present(UUID, 1)
    await token(registrar, 1)

    with pytest.raises(Refused, match="2 tokens are out, but only 1 are present"):
        await registrar.move(UUID, Step.OPEN)

    assert (await registrar.session(UUID)).state is State.CHECKIN
    await registrar.set_present(UUID, 2)
    await registrar.move(UUID, Step.OPEN)


async def test_no_head_count_below_the_tokens(registrar):
    """The earlier count stays."""
    await registrar_at(registrar, Step.SEAL, Step.CHECK_IN)
    await registrar.set_present(UUID, 3)
    await token(registrar, 0)
    await token(registrar, 1)

    with pytest.raises(Refused, match="count again"):
        await registrar.set_present(UUID, 1)

    assert (await registrar.session(UUID)).present == 3
