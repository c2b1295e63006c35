"""Transactions side by side."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from certwright.adapters.store.sql_store import SqlStore

from tests.contract.rows import ACCOUNT


class Rendezvous:
    """Let the first so many transactions meet, where the store lets them run side by side; later ones pass."""

    def __init__(self, parties: int, patience: float = 0.3) -> None:
        self.entered = 0
        self._patience = patience
        self._parties = parties
        self._barrier = threading.Barrier(parties)
        self._lock = threading.Lock()

    def meet(self) -> None:
        with self._lock:
            self.entered += 1
            is_late = self.entered > self._parties
        if not is_late:
            with suppress(threading.BrokenBarrierError):
                self._barrier.wait(self._patience)


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Run all calls in threads of their own and return their results."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def sequences(store: SqlStore) -> list[int]:
    return [item.sequence for item in store.read(lambda tx: tx.audit.events(ACCOUNT, 0, 10_000))]
