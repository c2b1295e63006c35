"""What went wrong at a provider's API, told without any credential; runs in the helper process."""

import base64
import json
import logging
import re
from collections.abc import Iterator
from types import TracebackType
from typing import Self
from urllib.parse import quote

import botocore.exceptions
import requests
from lexicon.exceptions import AuthenticationError

from certwright.adapters.dns.hosted_messages import Outcome, Reply, Request
from certwright.adapters.dns.hosted_zone import NotTaken

_SHORTEST_SECRET = 4
_LONGEST_SAID = 200
# Tokens that the API itself handed out look like this, and no word that people need does.
_TOKENS = re.compile(r"[A-Za-z0-9+/_=-]{40,}|[^\s\"'<>]{64,}")
_HIDDEN = "[...]"
_UNREACHABLE = (
    requests.ConnectionError,
    requests.Timeout,
    botocore.exceptions.ConnectionError,
    botocore.exceptions.HTTPClientError,
)
_DENIED = frozenset({401, 403})
_NOT_FOUND = 404
_TOO_MANY = 429
_SERVER_ERRORS = 500
_THROTTLED = frozenset({"PriorRequestNotComplete", "Throttling", "ThrottlingException"})


class Overheard(logging.Handler):
    """Listen to what the library logs as an error instead of raising it; Route 53 does."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message."""
        self.said = record.getMessage()

    def __enter__(self) -> Self:
        logging.getLogger("lexicon").addHandler(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        logging.getLogger("lexicon").removeHandler(self)


def trouble(error: Exception, request: Request, overheard: str) -> Reply:
    """Return what to tell people of an error."""
    match error:
        case NotTaken():
            said = _veiled(overheard, request)
            return Reply(Outcome.REFUSED, f"{error}." + (f" It said: {said}" if said else ""))
        case AuthenticationError():
            return Reply(Outcome.REFUSED, "has no such zone, or these credentials may not see it.")
        case requests.HTTPError():
            return _answered(error.response.status_code, _said(error.response), request)
        case botocore.exceptions.ClientError():
            known = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            return _answered(_TOO_MANY if is_throttled(error) else known, _aws_words(error), request)
        case _ if isinstance(error, _UNREACHABLE):
            return Reply(Outcome.FAILED, f"cannot be reached: {type(error).__name__}.")
        case _:
            return Reply(Outcome.FAILED, f"answered in a way that is not understood: {type(error).__name__}.")


def is_throttled(error: Exception) -> bool:
    """Say whether an API only asks to come back later; nothing was done then."""
    match error:
        case requests.HTTPError():
            return bool(error.response.status_code == _TOO_MANY)
        case botocore.exceptions.ClientError():
            return error.response.get("Error", {}).get("Code", "") in _THROTTLED
        case _:
            return False


def _answered(status: int, said: str, request: Request) -> Reply:
    shown = _veiled(said, request)
    quoted = f" and said: {shown}" if shown else ""
    told = f"answered HTTP {status}{quoted}"
    if status in _DENIED:
        return Reply(Outcome.REFUSED, f"{told}. Check that the credentials may read and change this zone.")
    if status == _NOT_FOUND:
        return Reply(Outcome.REFUSED, f"{told}. Check that it has this zone, and that the credentials may see it.")
    is_trouble = status == _TOO_MANY or status >= _SERVER_ERRORS
    return Reply(Outcome.FAILED if is_trouble else Outcome.REFUSED, f"{told}.")


def _said(response: requests.Response) -> str:
    """Return the messages in an answer in JSON; anything else, such as a page in HTML, says nothing useful."""
    try:
        known = response.json()
    except ValueError:
        return ""
    return "; ".join(dict.fromkeys(_messages(known)))


def _messages(known: object) -> Iterator[str]:
    """Yield the texts under the names that the APIs use for what went wrong."""
    if isinstance(known, dict):
        for name, value in known.items():
            if name in {"message", "error", "error_description"} and isinstance(value, str):
                yield value
            elif name in {"error", "errors", "error_chain"}:
                yield from _messages(value)
    elif isinstance(known, list):
        for item in known:
            yield from _messages(item) if isinstance(item, (dict, list)) else [str(item)]


def _aws_words(error: botocore.exceptions.ClientError) -> str:
    known = error.response.get("Error", {})
    return f"{known.get('Code', '')}: {known.get('Message', '')}"


def _veiled(said: str, request: Request) -> str:
    for secret in sorted(_secrets(request), key=len, reverse=True):
        said = said.replace(secret, _HIDDEN)
    return _TOKENS.sub(_HIDDEN, said)[:_LONGEST_SAID].rstrip(". ")


def _secrets(request: Request) -> set[str]:
    """Return every credential, what is inside one, and the forms in which they are sent."""
    plain = {inner for value in request.credentials.values() for inner in _inner(value)}
    sent = {form for value in plain for form in (quote(value, safe=""), base64.b64encode(value.encode()).decode())}
    return {value for value in plain | sent if len(value) >= _SHORTEST_SECRET}


def _inner(value: str) -> Iterator[str]:
    yield value
    if value.startswith("{"):
        yield from (item for item in json.loads(value).values() if isinstance(item, str))
