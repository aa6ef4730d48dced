"""`mailbot customer …`: the register of customers, their people and machines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mailbot.cli.app import Config, customer_app, records_of
from mailbot.steps.register_import import read_customers
from mailbot.store import register


@customer_app.command("import")
def import_customers(
    file: Annotated[Path, typer.Argument(help="A CSV file; its columns stand in docs/operating.md.")], config: Config = None
) -> None:
    """Replace the register by this file: all of it, or nothing where a row is wrong."""
    customers = read_customers(file)
    with records_of(config) as records, records.database.write() as connection:
        count = register.replace_all(connection, customers)
    print(f"{count} customers")
