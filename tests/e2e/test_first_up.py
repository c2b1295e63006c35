"""The thinnest thread: records published, certificate issued, chain handed on, all unchanged afterwards."""

import json

from cryptography import x509

from tests.support.programs import issued
from tests.support.stack import Stack


def test_up_issues_through_published_records_and_a_second_up_changes_nothing(stack: Stack) -> None:
    stack.write(issued(["example.com", "*.example.com", "www.example.com"], "example.com", 2))
    stack.up().require_ok()
    outputs = stack.outputs()
    leaf = x509.load_pem_x509_certificate(outputs["pem"].encode())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert sorted(names.get_values_for_type(x509.DNSName)) == ["*.example.com", "example.com", "www.example.com"]
    assert len(x509.load_pem_x509_certificates(outputs["chain"].encode())) == 1
    for name in ("cert", "cert-issued"):
        assert len(json.dumps(stack.resources()[name]["outputs"])) <= 8000
    assert stack.up().require_ok().changed() == {}
    assert stack.outputs() == outputs
