"""The helper process for hosted DNS: requests on its input, replies on its output, a line each.

Whatever the library says goes nowhere: its log lines and exceptions may hold credentials. A reply tells the kind of an
error, its HTTP status, and what the API said with everything taken out that may be a secret.
"""

import logging
import os
import signal
import sys
import time
from collections.abc import Sequence

from certwright.adapters.dns.hosted_library import open_zone
from certwright.adapters.dns.hosted_messages import Act, Outcome, Reply, Request
from certwright.adapters.dns.hosted_troubles import Overheard, is_throttled, trouble
from certwright.adapters.dns.hosted_zone import HostedZone
from certwright.adapters.system import forbid_core_dumps, keep_output

# Longer than the plugin waits: it ends a process that nobody waits for any more.
_LONGEST_SECONDS = 120
_PAUSES = (1.0, 2.0, 4.0, 8.0)


def main() -> None:
    """Answer requests until the input ends."""
    forbid_core_dumps()
    replies = os.fdopen(keep_output(os.open(os.devnull, os.O_WRONLY)), "wb")
    logging.getLogger().addHandler(logging.NullHandler())
    for line in sys.stdin.buffer:
        signal.alarm(_LONGEST_SECONDS)
        replies.write(answer(Request.read(line)).line())
        replies.flush()
        signal.alarm(0)


def answer(request: Request, pauses: Sequence[float] = _PAUSES) -> Reply:
    """Do what is asked for; an API that asks to come back later is asked again, as long as there are pauses."""
    with Overheard() as overheard:
        try:
            return _done(HostedZone(open_zone(request)), request)
        except Exception as error:  # noqa: BLE001 - the outermost frame: the library raises whatever it likes
            if not pauses or not is_throttled(error):
                return trouble(error, request, overheard.said)
    time.sleep(pauses[0])
    return answer(request, pauses[1:])


def _done(zone: HostedZone, request: Request) -> Reply:
    name, rtype, value = request.name, request.type, request.value
    match request.act:
        case Act.VALUES:
            return Reply(Outcome.DONE, values=zone.values(name, rtype))
        case Act.TTL:
            return Reply(Outcome.DONE, ttl=zone.ttl(name, rtype))
        case Act.ADD:
            return Reply(Outcome.DONE, is_added=zone.add(name, rtype, value))
        case Act.REPLACE:
            zone.replace(name, rtype, value, request.ttl)
        case Act.REMOVE:
            zone.remove(name, rtype, value)
    return Reply(Outcome.DONE)
