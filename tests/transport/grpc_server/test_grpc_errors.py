"""How errors leave the provider: one code a kind, one sentence, and for unfinished resources all that is kept."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from certwright.errors import CertwrightError, Fault, InvalidInput, Kind
from certwright.resources.session import InitFailed
from certwright.resources.values import UNKNOWN, Properties
from certwright.transport.grpc_server.grpc_errors import CODES, abort, abort_unfinished
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from tests.transport import wire
from tests.transport.engine import Refusal, refused

REASONS = ("The CNAME of www.example.com is missing.", "The next `pulumi up` goes on.")
UNFINISHED = InitFailed("arn:x", {"arn": "arn:x", "serial": UNKNOWN, "key": "s3cret"}, REASONS)
INPUTS: Properties = {"domainName": "www.example.com", "key": "s3cret"}


class Ending(provider_pb2_grpc.ResourceProviderServicer):
    """A provider whose Delete ends as the test wants."""

    def __init__(self, end: Callable[[grpc.ServicerContext], None]) -> None:
        self._end = end

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: N802
        del request
        self._end(context)
        return empty_pb2.Empty()


def ending(end: Callable[[grpc.ServicerContext], None]) -> Refusal:
    """Return what the other side of a real connection sees of an ending."""
    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_insecure_port("127.0.0.1:0")
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Ending(end), server)
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel, refused() as found:
            provider_pb2_grpc.ResourceProviderStub(channel).Delete(provider_pb2.DeleteRequest())
    finally:
        server.stop(0).wait()
    return found[0]


def error_of(kind: Kind, sentence: str) -> CertwrightError:
    error = CertwrightError(sentence)
    error.kind = kind
    return error


def all_errors(root: type[CertwrightError] = CertwrightError) -> list[type[CertwrightError]]:
    return [found for child in root.__subclasses__() for found in (child, *all_errors(child))]


@pytest.fixture(scope="module")
def unfinished() -> Refusal:
    return ending(lambda context: abort_unfinished(context, UNFINISHED, INPUTS, frozenset({"key"})))


def test_every_kind_has_a_code() -> None:
    assert set(CODES) == set(Kind)


def test_no_kind_looks_like_success_or_like_a_fault_of_ours() -> None:
    assert not set(CODES.values()) & {grpc.StatusCode.OK, grpc.StatusCode.INTERNAL, grpc.StatusCode.UNIMPLEMENTED}


def test_no_kind_makes_the_engine_try_again_by_itself() -> None:
    assert grpc.StatusCode.UNAVAILABLE not in CODES.values()


@pytest.mark.parametrize("error", all_errors(), ids=lambda error: str(error.__name__))
def test_every_error_has_a_kind_with_a_code(error: type[CertwrightError]) -> None:
    assert error.kind in CODES


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: str(kind.value))
def test_an_error_arrives_as_its_code_and_sentence(kind: Kind) -> None:
    found = ending(lambda context: abort(context, error_of(kind, "Nothing was changed.")))
    assert found == Refusal(CODES[kind], "Nothing was changed.", None)


def test_all_faults_of_an_input_arrive() -> None:
    faults = [Fault("a", "X", "it is so", "Mend it."), Fault("b[1]", "Y", "it is not", "Leave it.")]
    found = ending(lambda context: abort(context, InvalidInput(faults)))
    assert found.sentence == "a: it is so [X]. Mend it.\nb[1]: it is not [Y]. Leave it."


def test_an_unfinished_resource_keeps_its_id(unfinished: Refusal) -> None:
    assert unfinished.kept is not None
    assert unfinished.kept.id == "arn:x"


def test_an_unfinished_resource_keeps_its_outputs(unfinished: Refusal) -> None:
    assert unfinished.kept is not None
    assert wire.plain(unfinished.kept.properties) == {"arn": "arn:x", "serial": wire.UNKNOWN, "key": "s3cret"}


def test_an_unfinished_resource_keeps_its_inputs(unfinished: Refusal) -> None:
    assert unfinished.kept is not None
    assert wire.plain(unfinished.kept.inputs) == INPUTS


def test_an_unfinished_resource_says_every_reason(unfinished: Refusal) -> None:
    assert unfinished.kept is not None
    assert tuple(unfinished.kept.reasons) == REASONS


def test_an_unfinished_resource_keeps_secrets_secret(unfinished: Refusal) -> None:
    assert unfinished.kept is not None
    kept = unfinished.kept
    assert (wire.is_secret(kept.properties, "key"), wire.is_secret(kept.inputs, "key")) == (True, True)


def test_an_unfinished_resource_ends_with_the_code_that_the_engine_looks_for(unfinished: Refusal) -> None:
    assert (unfinished.code, unfinished.sentence) == (grpc.StatusCode.UNKNOWN, " ".join(REASONS))
