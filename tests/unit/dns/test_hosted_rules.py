"""What hosted DNS needs of each provider; no sentence shows a credential."""

import json

import pytest
from certwright.model.hosted_rules import PROVIDERS, HostedWords, hosted_faults, ttl_fault
from certwright.model.secret import SecretBytes

ACCOUNT = json.dumps({"client_email": "a@b", "private_key": "canary", "project_id": "p", "type": "service_account"})
COMPLETE = {
    "cloudflare": {"apiToken": "canary"},
    "route53": {"accessKeyId": "canary", "secretAccessKey": "canary/+="},
    "google": {"serviceAccountKey": ACCOUNT},
    "azure": {
        "tenantId": "t",
        "clientId": "c",
        "clientSecret": "canary~.",
        "subscriptionId": "s",
        "resourceGroup": "dns-zones",
    },
    "powerdns": {"endpoint": "http://[::1]:8081/", "apiKey": "canary"},
}
every = pytest.mark.parametrize("provider", PROVIDERS)


def words(provider: str, unsaid: tuple[str, ...] = (), **credentials: str) -> HostedWords:
    return HostedWords(provider, {name: SecretBytes(value.encode()) for name, value in credentials.items()}, unsaid)


@every
def test_complete_credentials_have_no_fault(provider: str) -> None:
    assert hosted_faults(words(provider, (), **COMPLETE[provider])) == ()


@every
def test_optional_credentials_have_no_fault(provider: str) -> None:
    optional = dict.fromkeys(PROVIDERS[provider].optional, "x")
    assert hosted_faults(words(provider, (), **COMPLETE[provider], **optional)) == ()


@every
def test_without_credentials_everything_that_is_needed_is_listed(provider: str) -> None:
    (fault,) = hosted_faults(words(provider))
    assert (fault.path, fault.code) == ("credentials", "MISSING")
    assert all(name in fault.message and name in fault.fix for name in PROVIDERS[provider].needed)


@every
def test_an_empty_credential_is_missing(provider: str) -> None:
    name = next(iter(PROVIDERS[provider].needed))
    (fault,) = hosted_faults(words(provider, (), **{**COMPLETE[provider], name: ""}))
    assert (fault.code, name in fault.message) == ("MISSING", True)


@every
def test_credentials_that_are_not_known_yet_are_not_missing(provider: str) -> None:
    assert hosted_faults(words(provider, tuple(PROVIDERS[provider].needed))) == ()


@pytest.mark.parametrize(
    ("provider", "name", "value"),
    [
        pytest.param("cloudflare", "apiToken", "canary\n", id="a token with a line end"),
        pytest.param("cloudflare", "apiToken", "Bearer canary", id="a token with a blank"),
        pytest.param("cloudflare", "apiToken", "canary\u2603", id="a token outside ASCII"),
        pytest.param("google", "serviceAccountKey", "/home/canary/key.json", id="a path in place of a key"),
        pytest.param("google", "serviceAccountKey", '["canary"]', id="a key that is a list"),
        pytest.param("google", "serviceAccountKey", '{"private_key": "canary"}', id="a key without an account"),
        pytest.param("powerdns", "endpoint", "canary.example.com:8081", id="an endpoint without a scheme"),
        pytest.param("powerdns", "endpoint", "file:///canary", id="an endpoint that is a file"),
        pytest.param("powerdns", "endpoint", "https://user:canary@ns1", id="an endpoint with a password"),
    ],
)
def test_a_credential_that_cannot_be_right_is_told_without_its_value(provider: str, name: str, value: str) -> None:
    (fault,) = hosted_faults(words(provider, (), **{**COMPLETE[provider], name: value}))
    assert (fault.path, fault.code) == (f"credentials.{name}", "BAD_CREDENTIAL")
    assert "canary" not in str(fault)


@every
def test_a_credential_that_the_provider_does_not_have_is_told_with_those_it_has(provider: str) -> None:
    (fault,) = hosted_faults(words(provider, (), **COMPLETE[provider], authToken="canary"))
    assert (fault.path, fault.code) == ("credentials.authToken", "UNKNOWN_CREDENTIAL")
    assert next(iter(PROVIDERS[provider].needed)) in fault.fix
    assert "canary" not in str(fault)


def test_a_provider_that_nobody_knows_is_told_with_those_there_are() -> None:
    (fault,) = hosted_faults(words("cloudfare", (), apiToken="canary"))
    assert (fault.path, fault.code) == ("provider", "UNKNOWN_PROVIDER")
    assert fault.fix == "Use one of cloudflare, route53, google, azure, powerdns."


@pytest.mark.parametrize(
    ("ttl", "is_taken"), [(1, True), (2, False), (59, False), (60, True), (86_400, True), (86_401, False)]
)
def test_cloudflare_takes_ttls_of_a_minute_to_a_day_or_the_automatic_one(ttl: int, is_taken: bool) -> None:  # noqa: FBT001
    assert (ttl_fault(PROVIDERS["cloudflare"], ttl) is None) is is_taken
