"""Configure: one warning when SDK and plugin are of different versions."""

import pytest
from certwright import __version__

from tests.transport.engine import Engine


def warnings(bare: Engine) -> list[str]:
    return [line for line in bare.log.lines("WARNING") if "pulumi-certwright" in line]


@pytest.mark.parametrize("version", [None, __version__, f"v{__version__}", f"{__version__}+build.5"])
def test_the_same_version_is_quiet(bare: Engine, version: str | None) -> None:
    bare.configure(**({"version": version} if version else {}))
    assert warnings(bare) == []


@pytest.mark.parametrize(
    ("version", "shown"), [("9.8.7", "9.8.7"), ("9.8.7-alpha.6", "9.8.7a6"), ("9.8.7-rc.6", "9.8.7rc6")]
)
def test_another_version_is_told_once_with_both_and_the_fix(bare: Engine, version: str, shown: str) -> None:
    bare.configure(version=version)
    bare.configure(version=version)
    (warning,) = warnings(bare)
    assert f"pulumi-certwright is version {shown}, but the plugin that runs is certwright {__version__}" in warning
    assert f"pip install certwright=={shown} pulumi-certwright=={shown}" in warning
