"""The reference of the command line, from the commands themselves."""

from collections.abc import Iterator

import click
from certwright.transport.cli import main

_HEAD = """\
# Commands

`certwright` looks after the home that a stack's certificates live in. Every command takes its settings from the
environment: `CERTWRIGHT_HOME`, and the variables of the [provider configuration](configuration.md).

| exit code | means |
|---|---|
| 0 | done |
| 1 | an error, said in a sentence |
| 2 | wrong arguments or settings |
| 3 | something is overdue, damaged or not good: the output says what |
| 4 | store or master key cannot be opened |
| 5 | the store is damaged |
| 6 | a rule forbids it |
| 70 | a fault of certwright itself |
"""
_WIDTH = 84


def command_page() -> str:
    """Return the page of all commands."""
    sections = (_section(name, command) for name, command in _commands("certwright", main))
    return "\n".join([_HEAD, *sections])


def _commands(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group) or command.invoke_without_command:
        yield name, command
    if isinstance(command, click.Group):
        for child in sorted(command.commands):
            yield from _commands(f"{name} {child}", command.commands[child])


def _section(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name, max_content_width=_WIDTH, terminal_width=_WIDTH)
    return f"## {name}\n\n```text\n{command.get_help(context)}\n```\n"
