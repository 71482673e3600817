"""A server that does not dawdle: it looks often, and checks ballots in a thread of its own.

Processes take a second to start and write nothing; the tests of bot/sides/checking.py start them.
"""

import ssl
from typing import Final

from bot.app import Options
from bot.chat.pace import Rates
from bot.pauses import Pauses

NO_LIMITS: Final = Rates((10_000, 0.0), (10_000, 0.0), (10_000, 0.0))
# Not shorter: every look reads the books. Ends are looked for as always: whoever closes a session
# beside the server would be taken for one that a crash has interrupted.
SHORT: Final = Pauses(look=0.2, heartbeat=0.3, notices=0.2, boards=0.2, edit=0.2)
QUICK: Final = Options(workers=0, rates=NO_LIMITS, pauses=SHORT)
# For clients of plain HTTP: it trusts nobody, and so need not read whom everybody trusts each time.
PLAIN: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
