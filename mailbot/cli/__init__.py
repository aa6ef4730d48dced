"""The command line: words become a query or a Command; answers are printed; errors become exit codes. No logic of its own."""

from __future__ import annotations

import sys

from mailbot.cli.app import app
from mailbot.errors import ConfigError, MailbotError, Transient
from mailbot.rules.planning import WrongTurn

EX_CONFIG, EX_TEMPFAIL = 78, 75


def main() -> None:
    """Entry point. Exit codes: 0 done, 1 not possible, 2 wrong words, 75 try again later, 78 bad configuration (sysexits.h)."""
    from mailbot.cli import customers, daemon, doctor, inspect, mails, outbox, tickets  # noqa: F401  # they register their commands

    try:
        app()
    except ConfigError as error:
        for problem in error.problems:
            print(f"mailbot: {problem}", file=sys.stderr)
        sys.exit(EX_CONFIG)
    except (MailbotError, WrongTurn) as error:
        print(f"mailbot: {error}", file=sys.stderr)
        sys.exit(EX_TEMPFAIL if isinstance(error, Transient) else 1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
