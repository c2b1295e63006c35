"""The hunt for secrets through whatever a series of runs shows or writes."""

import base64
import hashlib
from collections.abc import Iterable, Mapping

from tests.support.canaries import Canary, leaks
from tests.support.home_secrets import HomeSecrets
from tests.support.knot import KEY_SECRET

TSIG_SECRET = Canary("TSIG secret of the user", base64.b64decode(KEY_SECRET))


class Hunt:
    """Secrets gathered so far, and where one of them stood; equal content is looked at once.

    `kept` never leaves certwright. What was exported, and what the user gave, the engine itself prints when it is asked
    for everything: gRPC messages and logs at level 9.
    """

    def __init__(self) -> None:
        self.found: list[str] = []
        self.octets = 0
        self._kept: set[Canary] = set()
        self._exported: set[Canary] = set()
        self._given: set[Canary] = {TSIG_SECRET}
        self._looked_at: set[bytes] = set()

    @property
    def canaries(self) -> int:
        """Return how many secrets are hunted."""
        return len(self._kept | self._exported | self._given)

    def learn(self, secrets: HomeSecrets) -> None:
        """Hunt for what a home holds, too."""
        self._kept |= secrets.kept
        self._exported |= secrets.exported

    def give(self, given: Iterable[Canary]) -> None:
        """Hunt for what the user wrote down, too."""
        self._given |= set(given)

    def look(self, shown: Mapping[str, bytes]) -> None:
        """Look through what is read by people or kept."""
        hunted = self._kept | self._exported | self._given
        self.found.extend(leaks(self._fresh(shown), hunted))

    def look_at_debug(self, shown: Mapping[str, bytes]) -> None:
        """Look through what the engine writes when it is asked for everything."""
        self.found.extend(leaks(self._fresh(shown), self._kept - self._exported, pem=False))

    def _fresh(self, shown: Mapping[str, bytes]) -> dict[str, bytes]:
        digests = {place: hashlib.sha256(content).digest() for place, content in shown.items()}
        fresh = {place: shown[place] for place, digest in digests.items() if digest not in self._looked_at}
        self._looked_at.update(digests.values())
        self.octets += sum(map(len, fresh.values()))
        return fresh
