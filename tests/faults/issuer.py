"""Issue certificates one after another in a process of its own: python -m tests.faults.issuer HOME COUNT [STOP].

Writes one line to standard output for each one as soon as it is acknowledged: its ARN, version and serial. With a COUNT
of 0 what is due in the home is renewed instead. The zone proves every name. STOP is a step at which the process stops
itself once: `question`, `generate`, `sign` (the intent is stored), `signed` (the signature is made, not stored).
"""

import os
import signal
import sys
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from certwright.adapters.system import HostProcesses, SystemClock, SystemRandomness
from certwright.core.certificates import certificates_of, renew_certificate, request_certificate
from certwright.core.context import Core
from certwright.core.issuance import drive
from certwright.core.records import validation_records
from certwright.model.arns import CertificateArn
from certwright.model.certificates import CertificateView
from certwright.model.keys import KeyAlgorithm, KeyBinding, ManagedKey
from certwright.model.linted import Linted
from certwright.model.secret import SecretBytes
from certwright.ports.keys import Signer

from tests.core.world import ZoneResolver, wish
from tests.fakes import FakeCancellation
from tests.support.cores import CALLER, make_core

_EARLY = timedelta(days=300)


def main() -> None:
    """Issue what was asked for."""
    home, count, stop = Path(sys.argv[1]), int(sys.argv[2]), (*sys.argv[3:], "")[0]
    zone = ZoneResolver()
    core = make_core(home, resolver=zone, clock=SystemClock(), randomness=SystemRandomness(), process_id=_process())
    core = replace(core, signer=StoppingSigner(core.signer, stop), processes=HostProcesses())
    zone.at_question = lambda: stop_once(stop == "question")
    for view in [_request(core) for _ in range(count)] if count else _renewals(core):
        for item in validation_records(core, CALLER, view.newest.spec.names):
            zone.records.add(item.record)
        _issue(core, view.certificate.arn, view.newest.number)
    core.store.close()


_stops = [signal.SIGSTOP]


def stop_once(is_here: bool) -> None:  # noqa: FBT001 - the one thing it decides on
    """Stop this process as a debugger or a suspended machine does, the first time it comes to the step."""
    if is_here and _stops:
        os.kill(os.getpid(), _stops.pop())


@dataclass(frozen=True)
class StoppingSigner:
    """The real signer, with stops around its work."""

    inner: Signer
    stop: str

    def generate(self, algorithm: KeyAlgorithm, binding: KeyBinding) -> ManagedKey:
        """Stop, then generate."""
        stop_once(self.stop == "generate" and binding.subject.startswith("arn:"))
        return self.inner.generate(algorithm, binding)

    def sign(self, key: ManagedKey, linted: Linted) -> bytes:
        """Stop before or after the signature."""
        stop_once(self.stop == "sign")
        signature = self.inner.sign(key, linted)
        stop_once(self.stop == "signed")
        return signature

    def require_pair(self, key: ManagedKey) -> None:
        """Pass it on."""
        self.inner.require_pair(key)

    def export(self, key: ManagedKey) -> SecretBytes:
        """Pass it on."""
        return self.inner.export(key)


def _request(core: Core) -> CertificateView:
    urn = f"urn:{uuid.uuid4()}"
    return request_certificate(core, CALLER, urn, wish(f"{urn[4:12]}.example.com", early_renewal=_EARLY)).view


def _renewals(core: Core) -> list[CertificateView]:
    return [renew_certificate(core, CALLER, view.certificate.arn) for view in certificates_of(core, CALLER)]


def _issue(core: Core, arn: CertificateArn, number: int) -> None:
    version = drive(core, CALLER, arn, number, FakeCancellation())
    assert version.serial is not None, version
    os.write(1, f"{arn} {number} {version.serial:040x}\n".encode())


def _process() -> str:
    return f"{os.uname().nodename}/{os.getpid()}"


if __name__ == "__main__":
    main()
