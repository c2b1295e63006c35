"""Helper processes that talk to the APIs of hosted DNS.

The library that knows these APIs waits without an end, logs what it sends and reads configuration of its own: in a
process of its own it can be ended at any moment, says nothing, and sees nothing of the environment but an allow-list.
Credentials go through its standard input, never through arguments or variables.
"""

import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from certwright.adapters.dns.hosted_messages import Reply, Request
from certwright.adapters.dns.hosted_patience import LOOK_EVERY, Patience
from certwright.errors import LookupFailed

AT_ONCE = 4
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.stdin.buffer.readline()); "
    "from certwright.adapters.dns.hosted_worker import main; main()"
)
_PASSED = frozenset({"all_proxy", "http_proxy", "https_proxy", "no_proxy"})
_PASSED_PREFIXES = ("AWS_CA_BUNDLE", "CURL_CA_BUNDLE", "LD_", "REQUESTS_CA_BUNDLE", "SSL_CERT_")
# What the libraries would read of a user's home: other credentials than those given.
_CLOSED = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_MAX_ATTEMPTS": "4",
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "HOME": os.devnull,
    "LANG": "C.UTF-8",
    "NETRC": os.devnull,
}


class HostedHelpers:
    """Ask helpers, at most `at_once` of them side by side; they are started when needed and used again."""

    def __init__(self, environ: Mapping[str, str], at_once: int = AT_ONCE) -> None:
        passed = {name: value for name, value in environ.items() if _is_passed(name)}
        self._environ = {**passed, **_CLOSED}
        self._turns = threading.BoundedSemaphore(at_once)
        self._idle: list[_Helper] = []
        self._lock = threading.Lock()

    def ask(self, request: Request, patience: Patience) -> Reply:
        """Return a helper's reply; one whose answer is not waited for is ended."""
        with self._turn(patience):
            helper = self._take()
            try:
                reply = helper.ask(request, patience)
            except BaseException:
                helper.end()
                raise
            with self._lock:
                self._idle.append(helper)
            return reply

    def close(self) -> None:
        """End the helpers that have nothing to do; the others end with the call they work for."""
        with self._lock:
            idle, self._idle = self._idle, []
        for helper in idle:
            helper.end()

    @contextmanager
    def _turn(self, patience: Patience) -> Iterator[None]:
        while not self._turns.acquire(timeout=LOOK_EVERY):
            patience.look_for_turn()
        try:
            patience.begin()
            yield
        finally:
            self._turns.release()

    def _take(self) -> "_Helper":
        with self._lock:
            return self._idle.pop() if self._idle else _Helper(self._environ)


class _Helper:
    """One process; it ends by itself when its input is closed."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter with a text of our own
            [sys.executable, "-I", "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env=dict(environ),
            # Ctrl-C is for the plugin, which decides; in the group it would end a change half done.
            start_new_session=True,
        )
        self._is_new = True

    def ask(self, request: Request, patience: Patience) -> Reply:
        """Send the request and wait for the reply."""
        assert self._process.stdin is not None  # noqa: S101 - told to Popen above
        try:
            self._process.stdin.write(self._preamble() + request.line())
        except OSError as error:
            raise self._lost(patience) from error
        return Reply.read(self._line(patience))

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()

    def _preamble(self) -> bytes:
        """Return what a new process needs first: where this one found its modules."""
        is_new, self._is_new = self._is_new, False
        places = [place for place in sys.path if Path(place).is_absolute()]
        return json.dumps(places).encode() + b"\n" if is_new else b""

    def _line(self, patience: Patience) -> bytes:
        assert self._process.stdout is not None  # noqa: S101 - told to Popen above
        place, read = self._process.stdout.fileno(), b""
        waiting = select.poll()
        waiting.register(place, select.POLLIN | select.POLLHUP)
        while not read.endswith(b"\n"):
            patience.look()
            if waiting.poll(LOOK_EVERY * 1000):
                chunk = os.read(place, 65_536)
                if not chunk:
                    raise self._lost(patience)
                read += chunk
        return read

    def _lost(self, patience: Patience) -> LookupFailed:
        self._process.kill()
        code = self._process.wait()
        return LookupFailed(
            f"{patience.what}: the helper process ended (exit code {code}). What it was asked for may be done; the "
            "next `pulumi up` looks at what is there."
        )


def _is_passed(name: str) -> bool:
    return name.lower() in _PASSED or name.startswith(_PASSED_PREFIXES)
