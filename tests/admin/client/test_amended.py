"""A roster that was amended after the seal."""

from pathlib import Path

import pytest

from admin.client import session_view, voter
from tests.attacks.sitting import Sitting

pytestmark = pytest.mark.slow


def test_voters_and_trustees_go_on_after_an_amendment(tmp_path: Path):
    """The opening counts the roster as it is by then; nobody takes that for a lie."""
    sitting = Sitting(tmp_path, 6).prepare()
    reason = ("--add", "Trần Văn Mới", "--reason", "bầu bổ sung")
    status, _, err = sitting.command("roster", "amend", sitting.uuid, *reason)
    assert status == 0, err
    with sitting.serving():
        sitting.check_in()
        sitting.register()
        sitting.open()
        session = session_view.look(sitting.box)
        for secrets in sitting.voters:
            voter.check_opened(sitting.box, session, secrets.secrets)
        sitting.cast()
        status, _, err = sitting.join(1, sitting.close())

    assert status == 0, err
