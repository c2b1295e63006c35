"""What is told of errors at a provider's API: their kind and what the API said, without any credential."""

import base64
import json
from urllib.parse import quote

import pytest
import requests
from botocore.exceptions import ClientError, EndpointConnectionError
from certwright.adapters.dns.hosted_messages import Act, Outcome, Request
from certwright.adapters.dns.hosted_troubles import is_throttled, trouble
from certwright.adapters.dns.hosted_zone import NotTaken
from certwright.model.records import RecordType
from lexicon.exceptions import AuthenticationError

SECRET = "canary/secret+of a kind"


def request_with(**credentials: str) -> Request:
    return Request("route53", "example.test", credentials, Act.ADD, "_n.example.test.", RecordType.CNAME)


REQUEST = request_with(secretAccessKey=SECRET)


def http_error(status: int, body: object) -> requests.HTTPError:
    response = requests.Response()
    response.status_code = status
    response._content = json.dumps(body).encode()
    return requests.HTTPError(f"{status} for url: https://api.test/?key={SECRET}", response=response)


def aws_error(status: int, code: str, message: str = "said") -> ClientError:
    known = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(known, "ChangeResourceRecordSets")


@pytest.mark.parametrize(
    ("error", "outcome", "said"),
    [
        pytest.param(aws_error(400, "Throttling"), Outcome.FAILED, "HTTP 429 and said: Throttling: said", id="busy"),
        pytest.param(aws_error(400, "InvalidChangeBatch"), Outcome.REFUSED, "InvalidChangeBatch: said", id="a refusal"),
        pytest.param(aws_error(403, "AccessDenied"), Outcome.REFUSED, "Check that the credentials", id="no rights"),
        pytest.param(aws_error(503, "ServiceUnavailable"), Outcome.FAILED, "HTTP 503", id="out of order"),
        pytest.param(http_error(429, {}), Outcome.FAILED, "answered HTTP 429.", id="busy over HTTP"),
        pytest.param(
            http_error(401, {"error": {"message": "who are you"}}), Outcome.REFUSED, "said: who are you", id="unknown"
        ),
        pytest.param(
            http_error(400, {"error": "no", "error_description": "why"}), Outcome.REFUSED, "said: no; why", id="two"
        ),
        pytest.param(http_error(422, {"errors": ["a", {"message": "b"}]}), Outcome.REFUSED, "said: a; b", id="a list"),
        pytest.param(http_error(500, "text"), Outcome.FAILED, "answered HTTP 500.", id="no message"),
        pytest.param(requests.ConnectionError(SECRET), Outcome.FAILED, "cannot be reached: ConnectionError", id="gone"),
        pytest.param(requests.ReadTimeout(SECRET), Outcome.FAILED, "cannot be reached: ReadTimeout", id="late"),
        pytest.param(
            EndpointConnectionError(endpoint_url=SECRET), Outcome.FAILED, "EndpointConnectionError", id="no endpoint"
        ),
        pytest.param(AuthenticationError(SECRET), Outcome.REFUSED, "has no such zone", id="no zone"),
        pytest.param(NotTaken("did not take it"), Outcome.REFUSED, "did not take it.", id="nothing happened"),
        pytest.param(KeyError(SECRET), Outcome.FAILED, "not understood: KeyError", id="an answer out of shape"),
        pytest.param(requests.JSONDecodeError(SECRET, "", 0), Outcome.FAILED, "not understood", id="an answer in HTML"),
    ],
)
def test_an_error_is_told_by_its_kind(error: Exception, outcome: Outcome, said: str) -> None:
    reply = trouble(error, REQUEST, "")
    assert (reply.outcome, said in reply.told, "canary" in reply.told) == (outcome, True, False), reply.told


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(SECRET, id="as it is"),
        pytest.param(quote(SECRET, safe=""), id="in a URL"),
        pytest.param(base64.b64encode(SECRET.encode()).decode(), id="in base64"),
        pytest.param("eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsIng1dCI6", id="a token of the API"),
        pytest.param("a.token.with.dots." * 5, id="a token with dots"),
    ],
)
def test_what_may_be_a_secret_is_cut_out(form: str) -> None:
    told = trouble(http_error(403, {"message": f"before {form} behind"}), REQUEST, "").told
    assert "said: before [...] behind" in told


def test_what_is_inside_a_credential_is_cut_out() -> None:
    request = request_with(serviceAccountKey=json.dumps({"private_key": "canary-inside", "port": 7}))
    assert "canary" not in trouble(http_error(400, {"message": "bad canary-inside"}), request, "").told


def test_what_the_library_only_logs_is_told_without_credentials() -> None:
    told = trouble(NotTaken("did not do it"), REQUEST, f"AccessDenied for {SECRET}").told
    assert told == "did not do it. It said: AccessDenied for [...]"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (http_error(429, {}), True),
        (http_error(503, {}), False),
        (aws_error(400, "Throttling"), True),
        (aws_error(400, "PriorRequestNotComplete"), True),
        (aws_error(400, "InvalidChangeBatch"), False),
        (KeyError(), False),
    ],
    ids=["429", "503", "throttling", "a change before it", "a refusal", "a fault"],
)
def test_only_an_api_that_asks_to_come_back_later_is_asked_again(error: Exception, expected: bool) -> None:  # noqa: FBT001
    assert is_throttled(error) is expected
