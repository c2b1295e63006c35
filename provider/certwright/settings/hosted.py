"""The configuration key `hosted`: which provider's API validation records are written through, and its credentials."""

from collections.abc import Mapping

from certwright.model.hosted_rules import PROVIDERS, TWO_TARGETS, HostedWords, hosted_faults
from certwright.model.secret import SecretBytes
from certwright.model.zone_records import HostedTarget
from certwright.settings.reader import Reader

_SHAPE = 'Write {"provider": "cloudflare", "credentials": {"apiToken": "..."}}.'


def read_hosted(reader: Reader) -> HostedTarget | None:
    """Return the target without a zone, None when there is none or it has faults."""
    if "hosted" not in reader.given:
        return None
    known = reader.mapping("hosted")
    if reader.is_faulty("hosted") or not _has_shape(reader, known):
        return None
    credentials = _credentials(known)
    words = HostedWords(str(known["provider"]), {name: SecretBytes(value.encode()) for name, value in credentials})
    for fault in hosted_faults(words):
        reader.fault("hosted", "BAD_HOSTED", f"hosted.{fault.path}: {fault.message}", fault.fix)
    if "rfc2136" in reader.given:
        reader.fault(TWO_TARGETS.path, TWO_TARGETS.code, TWO_TARGETS.message, TWO_TARGETS.fix)
    return HostedTarget(words.provider, "", tuple(sorted(words.credentials.items(), key=lambda item: item[0])))


def hosted_meaning(reader: Reader) -> object:
    """Return what the value means: the same for every order and spelling."""
    known = reader.mapping("hosted")
    return (known.get("provider"), _credentials(known)) if isinstance(known.get("credentials"), dict) else known


def _has_shape(reader: Reader, known: Mapping[str, object]) -> bool:
    wrong = [f"hosted.{name} does not exist" for name in sorted(set(known) - {"provider", "credentials"})]
    if not isinstance(known.get("provider"), str):
        wrong.append(f"hosted.provider must be one of {', '.join(PROVIDERS)}")
    given = known.get("credentials", {})
    if not isinstance(given, dict) or not all(isinstance(item, (str, int)) for item in given.values()):
        wrong.append("hosted.credentials must map names to strings")
    if wrong:
        reader.fault("hosted", "BAD_HOSTED", "; ".join(wrong), _SHAPE)
    return not wrong


def _credentials(known: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    given = known.get("credentials")
    return tuple(sorted((str(name), str(item)) for name, item in given.items())) if isinstance(given, dict) else ()
