"""The command line: words become a query or a Command; answers are printed; errors become exit codes. No logic of its own."""

from __future__ import annotations

import sys
from importlib import import_module

from mailbot.cli.app import app
from mailbot.errors import ConfigError, MailbotError, Transient

EX_CONFIG, EX_TEMPFAIL = 78, 75
MODULES = {
    "ticket": "tickets",
    "mail": "mails",
    "outbox": "outbox",
    "customer": "customers",
    "inspect": "inspect",
    "doctor": "doctor",
    **dict.fromkeys(("run", "once", "status", "demo", "preview"), "daemon"),
}
"""Where the commands of each first word are defined. Only that module is loaded: `mailbot status` need not wait for the rules."""


def load_commands(words: list[str]) -> None:
    """Load the module that registers the command of these words; all of them where the words name none, so that help is complete."""
    first = next((word for word in words if not word.startswith("-")), "")
    if first or "--version" not in words:
        for module in [MODULES[first]] if first in MODULES else dict.fromkeys(MODULES.values()):
            import_module(f"mailbot.cli.{module}")


def main() -> None:
    """Entry point. Exit codes: 0 done, 1 not possible, 2 wrong words, 75 try again later, 78 bad configuration (sysexits.h)."""
    load_commands(sys.argv[1:])
    try:
        app()
    except ConfigError as error:
        for problem in error.problems:
            print(f"mailbot: {problem}", file=sys.stderr)
        sys.exit(EX_CONFIG)
    except MailbotError as error:
        print(f"mailbot: {error}", file=sys.stderr)
        sys.exit(EX_TEMPFAIL if isinstance(error, Transient) else 1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
