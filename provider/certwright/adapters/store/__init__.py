"""The SQL store: SQLAlchemy Core tables, row conversions, migrations."""
