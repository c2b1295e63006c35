"""Independent verifiers of certificates and chains."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.stack import TOOLS

# zlint's other sources are rules of the public Web PKI and of root programs, which a private authority does not follow.
ZLINT_SOURCES = "RFC3279,RFC5280,RFC5480,RFC5891,RFC8813"


@dataclass(frozen=True)
class Issued:
    """A leaf, its chain without the root, and the roots, as PEM files."""

    leaf: Path
    chain: Path
    roots: Path


def write_pems(folder: Path, leaf: str, chain: str, roots: str) -> Issued:
    """Write the PEMs into a folder."""
    for name, text in (("leaf", leaf), ("chain", chain), ("roots", roots)):
        (folder / f"{name}.pem").write_text(text)
    return Issued(folder / "leaf.pem", folder / "chain.pem", folder / "roots.pem")


def openssl_says(issued: Issued) -> str:
    """Return what `openssl verify -x509_strict` prints."""
    return _run("openssl", "verify", "-x509_strict", "-CAfile", issued.roots, "-untrusted", issued.chain, issued.leaf)


def gnutls_says(issued: Issued, name: str) -> str:
    """Return what `certtool --verify` prints for a host name."""
    both = issued.leaf.with_name("fullchain.pem")
    both.write_text(issued.leaf.read_text() + issued.chain.read_text())
    return _run(
        "certtool", "--verify", "--load-ca-certificate", issued.roots, "--verify-hostname", name, "--infile", both
    )


def go_says(issued: Issued, name: str) -> str:
    """Return what Go's crypto/x509 finds wrong for a host name; nothing when it accepts."""
    return _run(TOOLS / "verify-chain", issued.leaf, issued.chain, issued.roots, name)


def zlint_findings(certificate: Path) -> dict[str, str]:
    """Return the lints of zlint's RFC sources that do not pass, with their result."""
    text = _run(TOOLS / "zlint", "-includeSources", ZLINT_SOURCES, certificate)
    found = json.loads(text)
    return {name: item["result"] for name, item in found.items() if item["result"] not in {"pass", "NA", "NE"}}


def _run(*command: str | Path) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    return f"{done.stdout}{done.stderr}".strip()
