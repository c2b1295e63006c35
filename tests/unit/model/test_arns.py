"""ARNs of certificates."""

import uuid

import pytest
from certwright.errors import InvalidArn
from certwright.model.arns import CertificateArn, parse_certificate_arn
from certwright.model.scope import Scope
from hypothesis import given
from hypothesis import strategies as st

ID = "0d1c7a52-3c0b-4f0e-9a51-0d6b0b1f6c11"
ARN = f"arn:certwright:acm:eu-1:123456789012:certificate/{ID}"

REFUSED: dict[str, str] = {
    "nothing": "",
    "the identifier alone": ID,
    "an ARN of AWS": ARN.replace("certwright", "aws"),
    "an authority": ARN.replace(":acm:", ":acm-pca:").replace("certificate/", "certificate-authority/"),
    "another resource": ARN.replace("certificate/", "certificates/"),
    "no Region": ARN.replace("eu-1", ""),
    "a Region in upper case": ARN.replace("eu-1", "EU-1"),
    "a Region with an underscore": ARN.replace("eu-1", "eu_1"),
    "a Region of 33 characters": ARN.replace("eu-1", "a" * 33),
    "eleven digits of account": ARN.replace("123456789012", "12345678901"),
    "thirteen digits of account": ARN.replace("123456789012", "1234567890123"),
    "digits of another script": ARN.replace("123456789012", "\u0661" * 12),
    "an identifier in upper case": ARN.replace(ID, ID.upper()),
    "an identifier of UUID version 1": ARN.replace("-4f0e-", "-1f0e-"),
    "an identifier of another variant": ARN.replace("-9a51-", "-ca51-"),
    "an identifier that is too short": ARN[:-1],
    "a space before": f" {ARN}",
    "a line feed after": f"{ARN}\n",
    "a path after": f"{ARN}/x",
    "a second ARN after a line feed": f"{ARN}\n{ARN}",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_an_arn_is_not(text: str) -> None:
    with pytest.raises(InvalidArn) as caught:
        parse_certificate_arn(text)
    assert caught.value.faults[0].code == "INVALID_ARN"


def test_an_arn_is_parsed_into_its_parts() -> None:
    arn = parse_certificate_arn(ARN)
    assert arn == CertificateArn("eu-1", "123456789012", ID)
    assert arn.scope == Scope("123456789012", "eu-1")


@given(
    st.from_regex(r"[a-z0-9-]{1,32}", fullmatch=True),
    st.from_regex(r"[0-9]{12}", fullmatch=True),
    st.uuids(version=4).map(uuid.UUID.__str__),
)
def test_an_arn_is_printed_as_it_is_parsed(region: str, account: str, identifier: str) -> None:
    arn = CertificateArn(region, account, identifier)
    assert parse_certificate_arn(str(arn)) == arn
