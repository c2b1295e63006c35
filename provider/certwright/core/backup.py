"""What the core does about copies of the store: they are audited, and know the log of revocations."""

from certwright.core.audit import record
from certwright.core.context import Core
from certwright.core.revocation_logs import begin_log
from certwright.model.scope import Caller


def note_copy(core: Core, caller: Caller, action: str, file: str) -> None:
    """Record, before it is made, that a copy of everything goes to a file.

    The copy has the record in it, and knows the log of revocations that a restore looks for.
    """
    begin_log(core, caller)
    core.store.write(lambda tx: record(tx, caller, core.clock.now(), action, core.installation_id, {"file": file}))
