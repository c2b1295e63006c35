"""Faults as the engine shows them: it prints the value of the property that a failure names."""

import pytest
from certwright.errors import Fault
from certwright.resources.failures import Failure, failure_of
from certwright.transport.grpc_server.failures import write_failures

from tests.transport.wire import Json, struct

SECRETS = {"masterKey", "rfc2136"}


@pytest.mark.parametrize(
    ("path", "inputs", "shown"),
    [
        pytest.param("masterKey", {"masterKey": "s3cret"}, ("", "masterKey: wrong"), id="a secret that is given"),
        pytest.param("masterKey", {}, ("masterKey", "wrong"), id="a secret that is not given"),
        pytest.param("rfc2136", {"rfc2136": {"port": 0}}, ("", "rfc2136: wrong"), id="an object with a secret"),
        pytest.param("rfc2136.port", {"rfc2136": {"port": 0}}, ("rfc2136.port", "wrong"), id="a path that is no input"),
        pytest.param("region", {"region": "EU", "masterKey": "s3cret"}, ("region", "wrong"), id="no secret"),
        pytest.param("", {"masterKey": "s3cret"}, ("", "wrong"), id="nobody's in particular"),
    ],
)
def test_a_failure_never_names_a_secret_input(path: str, inputs: Json, shown: tuple[str, str]) -> None:
    (written,) = write_failures([Failure(path, "wrong")], struct(inputs), SECRETS)
    assert (written.property, written.reason) == shown


def test_a_fault_leaves_its_path_to_the_property() -> None:
    found = failure_of(Fault("region", "BAD", "this is wrong", "Mend it."))
    assert found == Failure("region", "this is wrong [BAD]. Mend it.")
