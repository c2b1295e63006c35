"""What hypothesis draws for the acts on the core."""

from datetime import timedelta

from hypothesis import strategies as st

from tests.core.model_book import OURS
from tests.core.model_processes import CALLERS, Configuration
from tests.core.model_zone import Condition

NAMES = (
    ("www.example.com",),
    ("example.com", "*.example.com"),
    ("www.example.com", "api.example.com"),
    ("api.example.com", "www.example.com"),
    ("*.example.com", "example.org"),
    ("example.com", "www.example.com", "api.example.com", "example.org"),
)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "names": st.sampled_from(NAMES),
        "days": st.sampled_from((395, 90)),
        "curve": st.sampled_from(("EC_prime256v1", "EC_secp384r1")),
        "lead": st.sampled_from((None, 30, 200)),
        "keeps_key": st.booleans(),
        "is_pinned": st.booleans(),
        "repin": st.sampled_from(("", "2", "3")),
        "tag": st.sampled_from(("", "a")),
    },
)
KILLS = st.one_of(st.none(), st.none(), st.tuples(st.integers(0, 7), st.booleans()))
PROCESSES = st.integers(0, 1)
PICKS = st.integers(0, 99)
URNS = st.sampled_from(("urn:1", "urn:2", "urn:3"))
REGIONS = st.sampled_from(CALLERS)
REQUESTS = st.lists(st.tuples(REGIONS, URNS, CHANGES), min_size=1, max_size=4)
LENGTHS = st.sampled_from(
    (
        timedelta(seconds=1),
        timedelta(minutes=5),
        timedelta(minutes=11),
        timedelta(hours=30),
        timedelta(hours=73),
        timedelta(days=29),
        timedelta(days=200),
        timedelta(days=340),
        timedelta(days=400),
    )
)
CONDITIONS = st.one_of(st.just(Condition.FINE), st.sampled_from(Condition))
CAA_NODES = st.sampled_from(("example.com.", "api.example.com.", "com."))
CAA = st.sampled_from((None, None, OURS, "another-ca.example"))
CONFIGURATIONS = st.builds(
    Configuration,
    domain=st.sampled_from(("acm-validations.certwright.internal", "validations.example.net")),
    enforces_caa=st.booleans(),
)
