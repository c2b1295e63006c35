"""The validating resolver in previews: each question once, within the time that previews give to DNS."""

from contextlib import closing
from pathlib import Path

import pytest
from certwright.adapters.dns.preview_cache import PreviewResolver, PreviewValidatingResolver
from certwright.adapters.system import EventCancellation
from certwright.bootstrap import App, open_app
from certwright.errors import Cancelled
from certwright.model.records import RecordType, ServerAnswer, ServerFailure, ValidatedAnswer, ValidatedReply
from certwright.settings import resolve_settings

from tests.fakes import FakeClock, ScriptedResolver, ScriptedValidator
from tests.support.nameserver import name_server, recurses

NAME = "_n.example.test."
QUESTION = (NAME, RecordType.CNAME)
NOTHING = ServerAnswer("s", "NOERROR", ())
VOUCHED = ValidatedAnswer(NOTHING, is_secure=True)


class Preview:
    """A preview with both resolvers on one clock."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.validator = ScriptedValidator({QUESTION: VOUCHED})
        self.resolver = PreviewResolver(ScriptedResolver({QUESTION: (NOTHING,)}), self.clock)
        self.validating = self.resolver.validating(self.validator)

    def validated(self, cancellation: EventCancellation | None = None) -> ValidatedReply:
        return self.validating.ask(*QUESTION, 1.0, cancellation or EventCancellation())


def test_a_question_is_asked_once() -> None:
    preview = Preview()
    assert [preview.validated() for _ in range(3)] == [VOUCHED] * 3
    assert preview.validator.asked == [QUESTION]


def test_the_time_runs_from_the_first_question_to_either_resolver_on() -> None:
    preview = Preview()
    preview.clock.wait(100)
    preview.resolver.ask(*QUESTION, 1.0, EventCancellation())
    preview.clock.wait(2)
    reply = preview.validated()
    assert isinstance(reply, ServerFailure)
    assert "2 s" in reply.reason
    assert preview.validator.asked == []


def test_a_cancelled_call_takes_the_answer_from_nobody_else() -> None:
    preview, cancelled = Preview(), EventCancellation()
    cancelled.cancel()
    with pytest.raises(Cancelled):
        preview.validated(cancelled)
    assert preview.validated() == VOUCHED


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "CERTWRIGHT_HOME": str(tmp_path / "home")}


def opened(home: dict[str, str], **config: object) -> App:
    return open_app(resolve_settings(config, home), home)


def test_an_application_without_a_validating_resolver_has_none_in_previews_either(home: dict[str, str]) -> None:
    with closing(opened(home)) as app:
        assert (app.core.validating, app.preview_core.validating) == (None, None)


def test_an_application_asks_the_configured_validating_resolver_for_work_and_for_previews(home: dict[str, str]) -> None:
    with name_server(recurses(f"{NAME} 60 CNAME _v.test.", ad=True)) as server:
        with closing(opened(home, validatingResolver=str(server.address))) as app:
            for core in (app.core, app.preview_core):
                assert core.validating is not None
                reply = core.validating.ask(*QUESTION, 1.0, EventCancellation())
                assert isinstance(reply, ValidatedAnswer)
                assert reply.is_secure
            assert isinstance(app.preview_core.validating, PreviewValidatingResolver)
        assert len(server.asked) == 2
        assert app.core.validating is not None
        with pytest.raises(Cancelled):
            app.core.validating.ask(*QUESTION, 1.0, EventCancellation())
