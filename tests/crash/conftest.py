"""The database fixture of the store's tests, for laws that are cheapest seen in one process."""

from tests.store.conftest import database

__all__ = ["database"]
