"""Replies that are wrong on purpose, made from right ones."""

import struct
from collections.abc import Callable

import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rrset

from tests.support.nameserver import Behaviour, Reply, Stream

_HEADER = 12


def altered(change: Callable[[dns.message.Message], object]) -> Callable[[Behaviour], Behaviour]:
    """Change each reply as a message."""

    def wrap(then: Behaviour) -> Behaviour:
        def reply(query: dns.message.Message, over_tcp: bool) -> Reply:  # noqa: FBT001 - the type of all behaviours
            wire = then(query, over_tcp)
            if not isinstance(wire, bytes):
                return wire
            message = dns.message.from_wire(wire)
            change(message)
            return message.to_wire(max_size=65_535)

        return reply

    return wrap


def refused_by(rcode: str) -> Callable[[Behaviour], Behaviour]:
    """Keep nothing of a reply but its question, and set an rcode."""

    def change(message: dns.message.Message) -> None:
        emptied(message)
        message.set_rcode(dns.rcode.from_text(rcode))

    return altered(change)


def emptied(message: dns.message.Message) -> None:
    """Take all records out of a message."""
    message.answer, message.authority, message.additional = [], [], []
    message.set_rcode(dns.rcode.NOERROR)


def without(flag: dns.flags.Flag) -> Callable[[Behaviour], Behaviour]:
    """Clear a flag of each reply."""

    def change(message: dns.message.Message) -> None:
        message.flags &= ~flag

    return altered(change)


def with_opcode(opcode: dns.opcode.Opcode) -> Callable[[Behaviour], Behaviour]:
    """Answer under another opcode."""
    return altered(lambda message: message.set_opcode(opcode))


def refers_upward(message: dns.message.Message) -> None:
    """Answer as a lame server does that knows nothing but the root's servers."""
    emptied(message)
    message.flags &= ~dns.flags.AA
    message.authority.append(dns.rrset.from_text(".", 60, "IN", "NS", "a.root-servers.example."))


def moves_to(section: str) -> Callable[[Behaviour], Behaviour]:
    """Put the answer's records into another section."""

    def change(message: dns.message.Message) -> None:
        getattr(message, section).extend(message.answer)
        message.answer = []

    return altered(change)


def in_class(rdclass: str) -> Callable[[Behaviour], Behaviour]:
    """Answer with records of another class."""

    def change(message: dns.message.Message) -> None:
        message.answer = [dns.rrset.from_text(item.name, item.ttl, rdclass, "TXT", '"x"') for item in message.answer]

    return altered(change)


def in_mixed_case(message: dns.message.Message) -> None:
    """Write all owner names, the question's too, in letters of alternating case."""
    for item in (*message.question, *message.answer, *message.authority):
        item.name = dns.name.Name(bytes(map(_alternate, label, range(len(label)))) for label in item.name.labels)


def _alternate(octet: int, index: int) -> int:
    letter = bytes([octet])
    return (letter.upper() if index % 2 else letter)[0]


def header_alone(wire: bytes) -> bytes:
    """Cut a reply behind its header, and let the header count nothing."""
    return wire[:4] + bytes(_HEADER - 4)


def half(wire: bytes) -> bytes:
    """Cut a reply in its middle and keep its counts."""
    return wire[: len(wire) // 2]


def circular(wire: bytes) -> bytes:
    """Let the first record's name point to itself."""
    end = _HEADER + wire[_HEADER:].index(b"\x00") + 5
    return wire[:end] + struct.pack("!H", 0xC000 | end) + wire[end + 2 :]


def two_questions(wire: bytes) -> bytes:
    """Claim a second question."""
    return wire[:4] + b"\x00\x02" + wire[6:]


def trickled(framed: bytes) -> Stream:
    """Send an octet every second."""
    return Stream(tuple(framed[index : index + 1] for index in range(len(framed))), pause=1.0)


def broken_off(framed: bytes) -> Stream:
    """Send less than the length before it promises."""
    return Stream((framed[: len(framed) // 2],))


def promising(length: int) -> Callable[[bytes], Stream]:
    """Put another length before the reply."""
    return lambda framed: Stream((struct.pack("!H", length) + framed[2:],))
