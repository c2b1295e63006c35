"""Alembic migrations, run by `certwright.adapters.store.schema`."""
