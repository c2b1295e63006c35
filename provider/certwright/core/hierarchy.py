"""Which root and which issuing CA to use, and when the next one is made: pure rules over generations (design 4)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from certwright.core.profiles import ISSUING_LIFE
from certwright.model.authorities import Authority, AuthorityState
from certwright.model.policy import Policy

# A root is in the trust bundle this long before anything is signed with it, so that everybody installs it in time.
ANNOUNCED = timedelta(days=365)
ISSUING_MARGIN = timedelta(days=60)
_LAST_RESORT = timedelta(days=90)


def unexpired(generations: Sequence[Authority], now: datetime) -> tuple[Authority, ...]:
    """Return the ACTIVE generations that have not expired, oldest first."""
    return tuple(item for item in generations if item.state is AuthorityState.ACTIVE and item.not_after > now)


def valid(generations: Sequence[Authority], now: datetime) -> tuple[Authority, ...]:
    """Return the generations that may sign: unexpired, and not made by a clock that was ahead."""
    return tuple(item for item in unexpired(generations, now) if item.not_before <= now)


def needs_root(roots: Sequence[Authority], now: datetime) -> bool:
    """Say whether the next root is to be made: the first, or a successor.

    A successor is made once the newest root could not carry a full issuing CA after the successor was announced for 12
    months.
    """
    newest = newest_root(roots, now)
    return newest is None or newest.not_after - now < ISSUING_LIFE + ANNOUNCED


def newest_root(roots: Sequence[Authority], now: datetime) -> Authority | None:
    """Return the newest valid root; what it permits is what the account issues for."""
    return max(valid(roots, now), key=_generation, default=None)


def misfit(roots: Sequence[Authority], policy: Policy, now: datetime) -> str | None:
    """Return how the configured permittedDomains differ from the newest root's constraints, None when they agree."""
    newest = newest_root(roots, now)
    if newest is None or newest.permitted_domains == policy.permitted_domains:
        return None
    return (
        f"The account's root permits {_listed(newest.permitted_domains)}, this configuration asks for "
        f"{_listed(policy.permitted_domains)} (certwright:permittedDomains). Set it alike everywhere, for the command "
        "line by CERTWRIGHT_PERMITTED_DOMAINS, or run `certwright init --new-root` to make a root for the new domains."
    )


def _listed(domains: Sequence[str]) -> str:
    return ", ".join(domains) or "every name"


def signing_root(roots: Sequence[Authority], policy: Policy, now: datetime) -> Authority | None:
    """Return the root that signs the next issuing CA: the newest that was announced for 12 months, else the oldest.

    An old root with less than 90 days left makes way for its successor, however new.
    """
    lasting = [root for root in _fitting(roots, policy, now) if root.not_after - now > _LAST_RESORT]
    announced = [root for root in lasting if now - root.not_before >= ANNOUNCED]
    if announced:
        return max(announced, key=_generation)
    return min(lasting, key=_generation, default=None) or max(
        _fitting(roots, policy, now), key=_generation, default=None
    )


def usable_issuing_ca(cas: Sequence[Authority], root: Authority, policy: Policy, now: datetime) -> Authority | None:
    """Return the newest issuing CA that outlives every leaf signed now by 60 days.

    One that its root's own end cuts short is as good as it gets: leaves end with it.
    """
    return _newest_lasting(cas, root, policy, now, ISSUING_MARGIN)


def last_issuing_ca(
    cas: Sequence[Authority], roots: Sequence[Authority], policy: Policy, now: datetime
) -> Authority | None:
    """Return the newest issuing CA, under whichever root, that outlives every leaf signed now.

    It serves on where no successor can be made, because the root's key is kept outside the store.
    """
    lasting = [_newest_lasting(cas, root, policy, now, timedelta(0)) for root in _fitting(roots, policy, now)]
    return max((ca for ca in lasting if ca is not None), key=_generation, default=None)


def is_sealed(roots: Sequence[Authority]) -> bool:
    """Say whether the newest root that was ever used keeps its private key outside the store.

    Then no root is made beside it, since the new one's key would lie where the other's was taken away.
    """
    used = [root for root in roots if root.state is AuthorityState.ACTIVE]
    newest = max(used, key=_generation, default=None)
    return newest is not None and newest.key.is_away


def _newest_lasting(
    cas: Sequence[Authority], root: Authority, policy: Policy, now: datetime, margin: timedelta
) -> Authority | None:
    fitting = [ca for ca in _fitting(cas, policy, now) if ca.issuer_id == root.id]
    full = policy.longest_lifetime + margin
    lasting = [ca for ca in fitting if ca.not_after - now > full or ca.not_after >= root.not_after]
    return max(lasting, key=_generation, default=None)


def _fitting(generations: Sequence[Authority], policy: Policy, now: datetime) -> list[Authority]:
    return [item for item in valid(generations, now) if item.permitted_domains == policy.permitted_domains]


def _generation(authority: Authority) -> int:
    return authority.generation
