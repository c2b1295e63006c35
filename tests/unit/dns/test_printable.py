"""Text of strangers in our sentences: nothing of it reaches a terminal raw, and none of it is endless (T13)."""

import pytest
from certwright.core.validation.caa import check_caa
from certwright.core.validation.proof import judge
from certwright.model.names import DomainName
from certwright.model.policy import CaaPolicy, Policy
from certwright.model.printable import LONGEST, printable
from certwright.model.records import AnswerRecord, CaaRecord, RecordType, ResourceRecord, ServerAnswer
from hypothesis import example, given
from hypothesis import strategies as st

from tests.fakes import FakeCancellation, ScriptedResolver

POLICY = Policy("v.test", ("ca.test",), CaaPolicy.ENFORCE, (), preflight=True)
RECORD = ResourceRecord("_n.example.com.", RecordType.CNAME, "_v.test.")
ENOUGH = 3000


@given(st.text())
@example("x" * 1_000_000)
@example("\x1b" * 1_000_000)
@example("\ud800")
def test_no_text_is_longer_than_allowed_or_holds_what_a_terminal_obeys(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown) <= LONGEST


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=LONGEST))
def test_text_that_is_printable_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", r"\x1b[2J"),
        ("a\r\nb", r"a\r\nb"),
        ("\u202eabc", r"\u202eabc"),
        ("\u2028", r"\u2028"),
        ("\x9b", r"\x9b"),
        ("x" * (LONGEST + 1), "x" * (LONGEST - 3) + "..."),
    ],
    ids=["an escape sequence", "a line break", "right to left", "a line separator", "a C1 control", "too long"],
)
def test_text_is_shown_as(text: str, shown: str) -> None:
    assert printable(text) == shown


CAA = st.builds(CaaRecord, st.booleans(), st.one_of(st.just("issue"), st.text(max_size=20)), st.text(max_size=400))


@given(st.lists(CAA, min_size=1, max_size=40))
def test_a_sentence_about_caa_is_fit_for_a_terminal(records: list[CaaRecord]) -> None:
    answer = ServerAnswer("ns1.test (192.0.2.1:53)", "NOERROR", (), tuple(records))
    resolver = ScriptedResolver({("example.com.", RecordType.CAA): (answer,)})
    verdict = check_caa(resolver, DomainName("example.com"), POLICY, 2.0, FakeCancellation())
    assert verdict.sentence.isprintable()
    assert len(verdict.sentence) < ENOUGH


@given(st.text(max_size=2000))
def test_a_sentence_about_another_target_is_fit_for_a_terminal(target: str) -> None:
    answer = ServerAnswer("ns1.test", "NOERROR", (AnswerRecord(RECORD.name, RecordType.CNAME, target, 60),))
    sentence = judge(RECORD, (answer,)).sentence
    assert sentence.isprintable()
    assert len(sentence) < ENOUGH


def test_what_is_cut_in_a_sentence_still_decides() -> None:
    value = "ca.test; note=" + "x" * (2 * LONGEST) + "; accounturi=https://acme.test/1"
    answer = ServerAnswer("ns1.test", "NOERROR", (), (CaaRecord(critical=False, tag="issue", value=value),))
    resolver = ScriptedResolver({("example.com.", RecordType.CAA): (answer,)})
    assert not check_caa(resolver, DomainName("example.com"), POLICY, 2.0, FakeCancellation()).allowed
