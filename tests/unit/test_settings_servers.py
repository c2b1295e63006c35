"""Addresses of DNS servers and of validating resolvers in the configuration."""

from typing import Any

import pytest
from certwright.settings import ServerAddress, ValidatingAddress, parse_server, parse_validating_resolver
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("192.0.2.1", "192.0.2.1", 53),
        ("192.0.2.1:5353", "192.0.2.1", 5353),
        ("192.0.2.1:65535", "192.0.2.1", 65535),
        ("::1", "::1", 53),
        ("[::1]", "::1", 53),
        ("[::1]:1", "::1", 1),
        ("2001:DB8::0:1", "2001:db8::1", 53),
    ],
)
def test_a_server_is_an_address_and_a_port(text: str, host: str, port: int) -> None:
    assert parse_server(text) == ServerAddress(host, port)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("dns.example.com", id="a host name"),
        pytest.param("192.0.2", id="three octets"),
        pytest.param("192.0.2.256", id="an octet too large"),
        pytest.param("192.0.2.1:0", id="port 0"),
        pytest.param("192.0.2.1:65536", id="port 65536"),
        pytest.param("192.0.2.1:", id="a colon without a port"),
        pytest.param("192.0.2.1:dns", id="a port by name"),
        pytest.param("[192.0.2.1", id="an open bracket"),
        pytest.param("[::g]", id="no hexadecimal digit"),
        pytest.param("udp://192.0.2.1", id="a URL"),
        pytest.param(" 192.0.2.1", id="a blank before it"),
    ],
)
def test_anything_else_is_no_server(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_server(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("::1", ValidatingAddress(ServerAddress("::1", 53))),
        ("[::1]:5353", ValidatingAddress(ServerAddress("::1", 5353))),
        ("127.8.9.10", ValidatingAddress(ServerAddress("127.8.9.10", 53))),
        ("tls://192.0.2.1", ValidatingAddress(ServerAddress("192.0.2.1", 853), "192.0.2.1")),
        ("tls://[2001:db8::1]:8853#r.example", ValidatingAddress(ServerAddress("2001:db8::1", 8853), "r.example")),
    ],
)
def test_a_validating_resolver_is_on_loopback_or_shows_a_certificate(text: str, expected: ValidatingAddress) -> None:
    assert parse_validating_resolver(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("192.0.2.1", id="plain DNS elsewhere"),
        pytest.param("[2001:db8::1]:53", id="plain DNS elsewhere, by IPv6"),
        pytest.param("tls://dns.quad9.net", id="a host name in place of an address"),
        pytest.param("tls://9.9.9.9#", id="an empty name"),
        pytest.param("tls://9.9.9.9#a b", id="a name with a blank"),
        pytest.param("https://9.9.9.9", id="another scheme"),
        pytest.param("127.0.0.1#localhost", id="a name without TLS"),
    ],
)
def test_anything_else_is_no_validating_resolver(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_validating_resolver(text)


@settings(deadline=None)
@given(st.ip_addresses(), st.integers(1, 65535))
def test_a_servers_text_reads_back(address: Any, port: int) -> None:
    server = ServerAddress(str(address), port)
    assert parse_server(str(server)) == server
