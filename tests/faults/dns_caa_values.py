"""D7: what CAA records at a name allow and forbid (RFC 8659, RFC 8657)."""

from tests.faults.dns_caa_words import NONE, OTHER, OTHER_LISTED, OURS, allows, at, forbids, listed
from tests.faults.dns_rows import IDENTITY, RECORD, Outcome, Row, serves

_ISSUED, _REFUSED = Outcome.ISSUED, Outcome.REFUSED


def _yes(name: str, behaviour: str, *values: str, prefix: str = "www.") -> Row:
    """Allow by these records at the name."""
    return Row(
        f"D7 {name}",
        behaviour,
        (serves(RECORD, *at("{base}.", *values)),),
        _ISSUED,
        allows("{base}."),
        prefixes=(prefix,),
    )


def _no(name: str, behaviour: str, *values: str, why: str, prefix: str = "www.") -> Row:
    """Forbid by these records at the name."""
    return Row(
        f"D7 {name}",
        behaviour,
        (serves(RECORD, *at("{base}.", *values)),),
        _REFUSED,
        forbids(why, "{base}."),
        prefixes=(prefix,),
    )


VALUES = [
    Row("D7 none", "has no CAA records", (serves(RECORD),), _ISSUED, NONE, asked=("{name}.", "{zone}", "{top}")),
    _yes("ours", "names our identity", OURS),
    _yes("ours in upper case", "names our identity in upper case", f'0 ISSUE "{IDENTITY.upper()}"'),
    _yes("ours with a dot", "names our identity with a last dot", f'0 issue "{IDENTITY}."'),
    _yes("ours between blanks", "names our identity between blanks", f'0 issue "  {IDENTITY}  "'),
    _yes("ours among others", "names our identity among others", OTHER, OURS),
    _yes("ours beside nobody", "names nobody and our identity", '0 issue ";"', OURS),
    _yes("ours, critical", "names our identity in a critical record", f'128 issue "{IDENTITY}"'),
    _yes(
        "ours with a policy", "names our identity with a parameter that nobody knows", f'0 issue "{IDENTITY}; policy=x"'
    ),
    _no("other", "names another authority", OTHER, why=OTHER_LISTED),
    _no("below ours", "names a domain below our identity", f'0 issue "x.{IDENTITY}"', why=listed(f"x.{IDENTITY}")),
    _no(
        "above ours", "names the domain above our identity", '0 issue "certwright.test"', why=listed("certwright.test")
    ),
    _no("nobody", 'names nobody: issue ";"', '0 issue ";"', why=listed(";")),
    _no("empty value", "names nobody by an empty value", '0 issue ""', why=listed("")),
    _no("no domain", "names what is no domain", '0 issue "%%%"', why=listed("%%%")),
    _no(
        "ours and more",
        "names our identity and more without a semicolon",
        f'0 issue "{IDENTITY} x"',
        why=listed(f"{IDENTITY} x"),
    ),
    _yes("only iodef", "says only where to report", '0 iodef "mailto:security@example.com"'),
    _yes("only issuemail", "speaks of mail certificates only", '0 issuemail ";"'),
    _yes("only issuevmc", "speaks of mark certificates only", '0 issuevmc ";"'),
    _yes("unknown", "has a property that nobody knows", '0 future "x"'),
    _no(
        "unknown, critical",
        "has a critical property that nobody knows",
        '128 future "x"',
        why="the critical property 'future' is unknown here",
    ),
    _no(
        "unknown, critical, beside ours",
        "names our identity beside a critical property that nobody knows",
        OURS,
        '128 future "x"',
        why="the critical property 'future' is unknown here",
    ),
    _yes("unknown, reserved flag", "sets a reserved flag of a property that nobody knows", '1 future "x"', OURS),
    _no(
        "unknown, all flags",
        "sets all flags of a property that nobody knows",
        '255 future "x"',
        why="the critical property 'future' is unknown here",
    ),
    _yes(
        "iodef, critical", "has a critical record of where to report", '128 iodef "mailto:security@example.com"', OURS
    ),
    _no(
        "accounturi",
        "limits our identity to an account",
        f'0 issue "{IDENTITY}; accounturi=https://ca.example/1"',
        why=listed(f"{IDENTITY}; accounturi=https://ca.example/1"),
    ),
    _no(
        "accounturi in upper case",
        "limits our identity to an account, in upper case",
        f'0 issue "{IDENTITY}; AccountURI=x"',
        why=listed(f"{IDENTITY}; AccountURI=x"),
    ),
    _yes(
        "validationmethods ours",
        "limits our identity to our method",
        f'0 issue "{IDENTITY}; validationmethods=certwright-dns-cname"',
    ),
    _yes(
        "validationmethods ours among others",
        "limits our identity to methods, ours among them",
        f'0 issue "{IDENTITY}; validationmethods=dns-01,certwright-dns-cname"',
    ),
    _no(
        "validationmethods other",
        "limits our identity to another method",
        f'0 issue "{IDENTITY}; validationmethods=dns-01"',
        why=listed(f"{IDENTITY}; validationmethods=dns-01"),
    ),
    _no(
        "validationmethods empty",
        "limits our identity to no method",
        f'0 issue "{IDENTITY}; validationmethods="',
        why=listed(f"{IDENTITY}; validationmethods="),
    ),
    _no(
        "both limits",
        "limits our identity to our method and to an account",
        f'0 issue "{IDENTITY}; validationmethods=certwright-dns-cname; accounturi=x"',
        why=listed(f"{IDENTITY}; validationmethods=certwright-dns-cname; accounturi=x"),
    ),
    _no(
        "parameter without value",
        "has a parameter without a value",
        f'0 issue "{IDENTITY}; x"',
        why=listed(f"{IDENTITY}; x"),
    ),
    _no(
        "issuewild other",
        "names another authority for wildcards",
        OURS,
        '0 issuewild "other.example"',
        prefix="*.",
        why=listed("other.example", "issuewild"),
    ),
    _yes(
        "issuewild ours",
        "names our identity for wildcards, another authority for names",
        OTHER,
        f'0 issuewild "{IDENTITY}"',
        prefix="*.",
    ),
    _no(
        "issuewild nobody",
        "names nobody for wildcards",
        OURS,
        '0 issuewild ";"',
        prefix="*.",
        why=listed(";", "issuewild"),
    ),
    _no(
        "wildcard by issue",
        "names another authority and says nothing of wildcards",
        OTHER,
        prefix="*.",
        why=OTHER_LISTED,
    ),
    _yes("wildcard by issue ours", "names our identity and says nothing of wildcards", OURS, prefix="*."),
    _yes("issuewild alone", "speaks of wildcards only, of a name that is none", '0 issuewild ";"'),
    _no(
        "issuewild is not for names",
        "names our identity for wildcards only",
        '0 issue ";"',
        f'0 issuewild "{IDENTITY}"',
        why=listed(";"),
    ),
]
