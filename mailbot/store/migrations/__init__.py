"""Alembic migrations of the schema, run by `upgrade` in one transaction."""
