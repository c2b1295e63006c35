"""What may be wrong with a program or with how it is run; each of these lets `up` fail."""

import base64
import json
import random
from collections.abc import Callable

from tests.faults.drafts import Draft, Wanted, never_publish
from tests.support.canaries import Canary
from tests.support.knot import KEY_ALGORITHM

FORBIDDEN = "forbidden.example.net"
SHORT = "2s"
_IDENTITY = "ca.of-this-test.example"
_BAD_NAMES = ("localhost", "192.0.2.7", "bücher.example", "*.com", "a..example.com", f"{'x' * 64}.example.com", "")


def _text_of(dice: random.Random, size: int = 24) -> str:
    return base64.b64encode(dice.randbytes(size)).decode()


def _bad_name(dice: random.Random, draft: Draft) -> None:
    draft.wanted[0].names.append(dice.choice(_BAD_NAMES))
    draft.wanted[0].has_records = False


def _forbidden_by_caa(dice: random.Random, draft: Draft) -> None:
    draft.wanted.append(Wanted("cert-caa", [f"f{dice.randrange(1000)}.{draft.label}.{FORBIDDEN}"], {}, waits=SHORT))
    draft.variables["CERTWRIGHT_CAA_IDENTITIES"] = json.dumps([_IDENTITY])


def _missing_record(dice: random.Random, draft: Draft) -> None:
    del dice
    never_publish(draft, SHORT)


def _dead_name_server(dice: random.Random, draft: Draft) -> None:
    del dice
    draft.variables["CERTWRIGHT_RESOLVERS"] = '["127.0.0.1:1"]'
    never_publish(draft, SHORT)


def _unknown_key(dice: random.Random, draft: Draft) -> None:
    key = dice.choice(("secretKey", "masterkey", "rfc2136Secret", "stores"))
    draft.config[f"certwright:{key}"] = draft.give(f"value of {key}", _text_of(dice))


def _absent_master_key(dice: random.Random, draft: Draft) -> None:
    uri = dice.choice(("file:/nowhere/master.key", "env:NOT_SET", "passphrase:env:NOT_SET", "pkcs11:token=none"))
    draft.variables["CERTWRIGHT_MASTER_KEY"] = uri


def _other_master_key(dice: random.Random, draft: Draft) -> None:
    draft.variables["OTHER"] = draft.give("other master key", dice.randbytes(32).hex())
    draft.given.append(Canary("octets of the other master key", bytes.fromhex(draft.variables["OTHER"])))
    draft.variables["CERTWRIGHT_MASTER_KEY"] = dice.choice(("env:OTHER", "passphrase:env:OTHER"))


def _master_key_in_place_of_its_name(dice: random.Random, draft: Draft) -> None:
    key = draft.give("master key in place of its name", _text_of(dice, 32))
    uri = dice.choice((f"env:{key}", key, f"passphrase:{key}", f"file:{key}"))
    if dice.random() < 0.5:
        draft.variables["CERTWRIGHT_MASTER_KEY"] = uri
    else:
        draft.config["certwright:masterKey"] = uri


def _wrong_tsig_secret(dice: random.Random, draft: Draft) -> None:
    secret = _text_of(dice, 32)
    draft.given.append(Canary("wrong TSIG secret of the user", base64.b64decode(secret)))
    fresh = Wanted("cert-tsig", [f"t{dice.randrange(1000)}.{draft.label}.example.com"], {}, waits=SHORT)
    fresh.target = {**draft.target, "keySecret": secret}
    draft.wanted.append(fresh)


def _tsig_secret_that_is_none(dice: random.Random, draft: Draft) -> None:
    _wrong_tsig_secret(dice, draft)
    spoilt = draft.give("spoilt TSIG secret", f"!{_text_of(dice)}!")
    draft.wanted[-1].target = {**draft.target, "keySecret": spoilt}


def _other_tsig_algorithm(dice: random.Random, draft: Draft) -> None:
    _wrong_tsig_secret(dice, draft)
    assert draft.wanted[-1].target is not None
    draft.wanted[-1].target["keyAlgorithm"] = dice.choice(("hmac-md5", KEY_ALGORITHM))


def _dead_database(dice: random.Random, draft: Draft) -> None:
    password = draft.give("password of the database", dice.randbytes(16).hex())
    scheme = dice.choice(("postgresql://", "postgresql+psycopg://", "mysql://", "postgres:/"))
    url = f"{scheme}certwright:{password}@127.0.0.1:{dice.choice(('1', 'port'))}/certwright"
    if dice.random() < 0.5:
        draft.variables["CERTWRIGHT_STORE"] = url
    else:
        draft.config["certwright:store"] = url


def _bad_option(dice: random.Random, draft: Draft) -> None:
    choices: dict[str, object] = {
        "options": {"export": "MAYBE"},
        "validity": {"type": "DAYS", "value": 9999},
        "earlyRenewalDuration": "soon",
        "issuer": "letsencrypt",
        "validationMethod": "EMAIL",
    }
    name = dice.choice(sorted(choices))
    draft.wanted[0].properties[name] = choices[name]


def _bad_rfc2136(dice: random.Random, draft: Draft) -> None:
    secret = draft.give("secret in a broken rfc2136", _text_of(dice))
    whole = {**draft.target, "keySecret": secret}
    broken = dice.choice(
        (json.dumps(whole)[:-1], json.dumps({**whole, "keySecrets": secret}), json.dumps([whole]), secret)
    )
    draft.config["certwright:rfc2136"] = broken


def _absent_certificate(dice: random.Random, draft: Draft) -> None:
    arn = f"arn:certwright:acm:local:000000000000:certificate/{dice.randrange(10**8):08}-0000-4000-8000-000000000000"
    call = {"fn::invoke": {"function": "certwright:getCertificate", "arguments": {"arn": arn}}}
    draft.calls["absent"] = call
    draft.outputs["absent"] = "${absent.arn}"


TROUBLES: dict[str, Callable[[random.Random, Draft], None]] = {
    "a bad name": _bad_name,
    "a CAA record that forbids": _forbidden_by_caa,
    "a record that is missing": _missing_record,
    "a name server that is dead": _dead_name_server,
    "an unknown configuration key": _unknown_key,
    "a master key that is absent": _absent_master_key,
    "another master key": _other_master_key,
    "a master key in place of its name": _master_key_in_place_of_its_name,
    "a wrong TSIG secret": _wrong_tsig_secret,
    "a TSIG secret that is none": _tsig_secret_that_is_none,
    "another TSIG algorithm": _other_tsig_algorithm,
    "a database that is dead": _dead_database,
    "a bad option": _bad_option,
    "a broken rfc2136": _bad_rfc2136,
    "a certificate that is absent": _absent_certificate,
}
