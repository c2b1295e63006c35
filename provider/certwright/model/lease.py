"""Leases with fencing epochs."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Lease:
    """Hold the right to work on `subject` until `expires_at`; `epoch` fences off every earlier holder."""

    subject: str
    owner: str
    epoch: int
    expires_at: datetime
