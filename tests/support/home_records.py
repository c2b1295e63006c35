"""The records that a stack's home hands out, known before any program runs."""

from collections.abc import Sequence

from certwright.bootstrap import open_app
from certwright.core.names import parse_names
from certwright.core.records import validation_records
from certwright.settings import resolve_settings

from tests.support.stack import Stack


def home_with_records(stack: Stack, names: Sequence[str]) -> dict[str, str]:
    """Make the stack's home and return the records of names: target by owner."""
    environ = stack.environment()
    app = open_app(resolve_settings({}, environ), environ)
    found = [validation_records(app.core, app.caller, parse_names([name], [name]).names) for name in names]
    app.close()
    return {item.record.name: item.record.value for (item,) in found}
