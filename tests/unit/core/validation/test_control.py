"""Control over all names of a certificate: which questions DNS is asked, and when."""

from typing import Any, Never

from certwright.core.context import Core
from certwright.core.validation.control import check_caa_of, check_control
from certwright.core.validation.labels import cname_record
from certwright.model.names import DomainName
from certwright.model.policy import CaaPolicy, Policy
from certwright.model.records import DomainValidation, RecordType, ServerAnswer, ServerReply
from certwright.model.secret import SecretBytes
from certwright.ports.resolver import Resolver
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import FakeCancellation, FakeClock, FixedRandomness, ScriptedResolver, answer_nothing, answer_with

POLICY = Policy("v.test", ("ca.certwright.test",), CaaPolicy.ENFORCE, (), preflight=True)
SECRET = SecretBytes(bytes(32))
Script = dict[tuple[str, RecordType], tuple[ServerReply, ...]]


class Unused:
    """A port that the questions to DNS have no business with."""

    def __getattr__(self, name: str) -> Never:
        msg = f"validation has no use for {name}"
        raise AssertionError(msg)


UNUSED: Any = Unused()


def core_with(resolver: Resolver) -> Core:
    return Core(
        store=UNUSED,
        master_key=UNUSED,
        vault=UNUSED,
        signer=UNUSED,
        resolver=resolver,
        validating=None,
        clock=FakeClock(),
        randomness=FixedRandomness(),
        policy=POLICY,
        installation_id="installation",
        process_id="process",
        revocation_log=UNUSED,
    )


def nodes_of(name: DomainName) -> list[str]:
    """Return the name's base and everything above it, as RFC 8659 climbs."""
    labels = name.base.text.split(".")
    return [".".join(labels[start:]) + "." for start in range(len(labels))]


def caa_script(names: list[DomainName]) -> Script:
    """Answer that there is no CAA anywhere above the names; any other question fails the test."""
    return {(node, RecordType.CAA): (answer_nothing(),) for name in names for node in nodes_of(name)}


def validation_of(name: DomainName) -> DomainValidation:
    return DomainValidation(name, cname_record(SECRET, "installation", "123456789012", name, "v.test"))


LABELS = st.from_regex(r"[a-z]([a-z0-9]{0,5}[a-z0-9])?", fullmatch=True)
NAMES = st.builds(
    lambda wildcard, labels: DomainName(("*." if wildcard else "") + ".".join([*labels, "example"])),
    st.booleans(),
    st.lists(LABELS, min_size=1, max_size=3),
)


@given(st.lists(NAMES, min_size=1, max_size=12, unique=True))
def test_caa_is_asked_for_exactly_the_names_of_the_certificate_and_what_is_above_them(names: list[DomainName]) -> None:
    resolver = ScriptedResolver(caa_script(names))
    verdicts = check_caa_of(core_with(resolver), names, FakeCancellation())
    assert sorted(resolver.asked, key=str) == sorted(
        ((node, RecordType.CAA) for name in names for node in nodes_of(name)), key=str
    )
    assert [verdict.name for verdict in verdicts] == names
    assert all(verdict.allowed for verdict in verdicts)


@given(st.lists(NAMES, min_size=1, max_size=6, unique=True), st.data())
def test_one_name_that_caa_forbids_is_found_among_the_others(names: list[DomainName], data: st.DataObject) -> None:
    forbidden = data.draw(st.sampled_from(names))
    script = caa_script(names)
    script[nodes_of(forbidden)[0], RecordType.CAA] = (ServerAnswer("ns", "NOERROR", (), (), unparsed=1),)
    verdicts = check_caa_of(core_with(ScriptedResolver(script)), names, FakeCancellation())
    assert forbidden in [verdict.name for verdict in verdicts if not verdict.allowed]


def test_every_proof_is_read_and_caa_only_once_all_are_there() -> None:
    names = [DomainName("a.example"), DomainName("b.example")]
    validations = [validation_of(name) for name in names]
    script: Script = {(item.record.name, RecordType.CNAME): (answer_with(item.record),) for item in validations}
    resolver = ScriptedResolver({**script, **caa_script(names)}, (answer_nothing(),))
    control = check_control(core_with(resolver), names, validations, FakeCancellation())
    assert control.unproven == ()
    assert [verdict.name for verdict in control.caa] == names
    assert control.forbidden == ()


def test_no_caa_is_asked_while_one_name_is_unproven_and_every_unproven_name_is_told() -> None:
    names = [DomainName("a.example"), DomainName("b.example"), DomainName("c.example")]
    validations = [validation_of(name) for name in names]
    script: Script = {(item.record.name, RecordType.CNAME): (answer_nothing(),) for item in validations}
    proven = validations[1].record
    script[proven.name, RecordType.CNAME] = (answer_with(proven),)
    resolver = ScriptedResolver(script, (answer_nothing(),))
    control = check_control(core_with(resolver), names, validations, FakeCancellation())
    assert [proof.record for proof in control.unproven] == [validations[0].record, validations[2].record]
    assert control.caa == ()


def test_the_first_look_reads_caa_too_so_that_nobody_waits_for_a_name_that_caa_forbids() -> None:
    names = [DomainName("a.example")]
    validations = [validation_of(name) for name in names]
    script: Script = {(item.record.name, RecordType.CNAME): (answer_nothing(),) for item in validations}
    script["a.example.", RecordType.CAA] = (ServerAnswer("ns", "NOERROR", (), (), unparsed=1),)
    core = core_with(ScriptedResolver(script))
    control = check_control(core, names, validations, FakeCancellation(), is_first=True)
    assert [proof.record for proof in control.unproven] == [validations[0].record]
    assert [verdict.name for verdict in control.forbidden] == names
