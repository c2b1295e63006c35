"""Issuance by the core over a real home: every certificate requested, proven, signed and stored durably.

The zone answers at once, from memory: what is measured is the core, its store and its keys. `engine.py` has DNS in it.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from certwright.bootstrap import open_app
from certwright.core.certificates import request_certificate
from certwright.core.issuance import drive
from certwright.core.names import parse_names
from certwright.core.records import validation_records
from certwright.model.certificates import CertificateView, VersionState
from certwright.model.keys import KeyAlgorithm
from certwright.model.records import AnswerRecord, RecordType, ServerAnswer, ServerReply
from certwright.ports.clock import Cancellation
from certwright.settings import resolve_settings
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from benchmarks.measure import Goal, Measure, Say
from tests.core.world import wish
from tests.fakes import SERVER

_THREADS = 16
_CORES = 2
_BARE_P256, _BARE_RSA = 5000, 200
_P256, _RSA = 1000, 200
S = TypeVar("S")
T = TypeVar("T")


def measure_issuance(folder: Path, say: Say) -> list[Measure]:
    """Measure managed P-256 and RSA-2048 issuance beside the bare work of keys and signatures."""
    say(f"{_BARE_P256:,} P-256 keys and signatures alone, one thread")
    bare = _per_second(_sign_p256, range(_BARE_P256), 1)[0]
    say(f"{_P256:,} P-256 certificates, requested and issued by {_THREADS} threads")
    requested, issued = _issue(folder / "p256", KeyAlgorithm.EC_PRIME256V1, _P256)
    say(f"{_BARE_RSA} RSA-2048 keys alone, {_CORES} threads")
    keys = _per_second(_generate_rsa, range(_BARE_RSA), _CORES)[0]
    say(f"{_RSA} RSA-2048 certificates, requested and issued by {_THREADS} threads")
    _, rsa_issued = _issue(folder / "rsa", KeyAlgorithm.RSA_2048, _RSA)
    return [
        Measure("P-256 certificates requested, durable", requested, "/s"),
        Measure("P-256 certificates issued, durable", issued, "/s", goal=Goal(2000, is_most=False)),
        Measure("P-256 certificates issued", issued, "/s", bare, "keys and signatures alone, one thread"),
        Measure("RSA-2048 certificates issued", rsa_issued, "/s", keys, "keys alone", Goal(0.9, is_most=False)),
    ]


class KnownZone:
    """A zone in memory that answers at once (ports.resolver.Resolver)."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, RecordType], str] = {}

    def ask(self, name: str, rtype: RecordType, budget: float, cancellation: Cancellation) -> tuple[ServerReply, ...]:
        """Return the one server's answer."""
        del budget, cancellation
        value = self.records.get((name, rtype))
        if value is None:
            return (ServerAnswer(SERVER, "NXDOMAIN", (), ()),)
        return (ServerAnswer(SERVER, "NOERROR", (AnswerRecord(name, rtype, value, 60),), ()),)


def _issue(folder: Path, algorithm: KeyAlgorithm, count: int) -> tuple[float, float]:
    """Return how many certificates a second are requested, and how many are issued."""
    names = [f"n{index}.example.com" for index in range(count + 1)]
    environ = {"HOME": str(folder), "CERTWRIGHT_HOME": str(folder)}
    zone = KnownZone()
    with closing(open_app(resolve_settings({}, environ), environ)) as app:
        core = replace(app.core, resolver=zone)
        for name in names:
            (item,) = validation_records(core, app.caller, parse_names([name], [name]).names)
            zone.records[item.record.name, item.record.type] = item.record.value

        def request(name: str) -> CertificateView:
            spec = replace(wish(name).spec, key_algorithm=algorithm)
            return request_certificate(core, app.caller, f"urn:{name}", wish(name, spec=spec)).view

        def issue(view: CertificateView) -> None:
            version = drive(core, app.caller, view.certificate.arn, 1, app.cancellation)
            if version.state is not VersionState.ISSUED:
                msg = f"{view.certificate.arn} is {version.state.value}: {version.waiting_for}"
                raise RuntimeError(msg)

        issue(request(names[0]))  # loads what is loaded late, and makes the authorities
        requests, views = _per_second(request, names[1:], _THREADS)
        return requests, _per_second(issue, views, _THREADS)[0]


def _per_second(work: Callable[[S], T], items: Sequence[S], threads: int) -> tuple[float, list[T]]:
    """Return how many items a second threads get through, and what came of them."""
    with ThreadPoolExecutor(threads) as pool:
        began = time.monotonic()
        results = list(pool.map(work, items))
        return len(results) / (time.monotonic() - began), results


def _sign_p256(_: int) -> None:
    ec.generate_private_key(ec.SECP256R1()).sign(b"to be signed", ec.ECDSA(hashes.SHA256()))


def _generate_rsa(_: int) -> None:
    rsa.generate_private_key(65537, 2048)
