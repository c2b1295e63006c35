"""Set a fresh Debian or Ubuntu up: virtual environment, Debian packages, Pulumi engine, verifiers.

Runs on any Python >= 3.11 with the standard library only. Every step is skipped when its result is there already.
Engine: on PATH, else cached, else the official release, else built from Go modules.
"""

import argparse
import contextlib
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

REPOSITORY = Path(__file__).resolve().parents[1]
VENV = REPOSITORY / ".venv"
LOCAL_BIN = REPOSITORY / ".tools" / "bin"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "certwright"
TOOLS = REPOSITORY / "tools"
FOREIGN_LOCK = TOOLS / "foreign" / "requirements.lock"
NODE_PACKAGES = TOOLS / "nodejs"
GO_SDK = REPOSITORY / "sdk" / "go"
ENGINE_VERSION = "3.250.0"
RELEASE = f"https://get.pulumi.com/releases/sdk/pulumi-v{ENGINE_VERSION}-linux-{{arch}}.tar.gz"
CONNECT_SECONDS = 5.0
ENGINE = (
    "pulumi",
    "pulumi-language-python",
    "pulumi-language-python-exec",
    "pulumi-resource-pulumi-python",
    "pulumi-language-yaml",
)
OLDEST_ENGINE = (3, 250, 0)
OLDEST_GO = (1, 21)
OLDEST_NODE = 18


class SetupError(Exception):
    """Say what is missing and what to do."""


@dataclass(frozen=True)
class GoTool:
    """A program built from a Go module below tools/, or a pinned module of the proxy."""

    name: str
    package: str
    module: str = ""
    flags: str = "-s -w"


ENGINE_TOOLS = (
    GoTool(
        "pulumi",
        "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        "engine/pulumi",
        f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{ENGINE_VERSION}",
    ),
    GoTool(
        "pulumi-language-python",
        "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",
        "engine/python",
    ),
    GoTool("pulumi-language-yaml", "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml", "engine/yaml"),
)
SCRIPTS = {
    "pulumi-language-python-exec": "python/cmd/pulumi-language-python-exec",
    "pulumi-resource-pulumi-python": "python/dist/pulumi-resource-pulumi-python",
}
HOSTS = (
    GoTool(
        "pulumi-language-nodejs",
        "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
        "engine/nodejs-go",
    ),
    GoTool("pulumi-language-go", "github.com/pulumi/pulumi/sdk/v3/go/pulumi-language-go", "engine/nodejs-go"),
)
SDKGEN = GoTool("sdkgen", "./sdkgen", "engine/pulumi")
VERIFIERS = (
    SDKGEN,
    GoTool("zlint", "github.com/zmap/zlint/v3/cmd/zlint", "zlint"),
    GoTool("verify-chain", ".", "verify-chain"),
)


def main() -> int:
    """Run the named steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("steps", nargs="+", choices=sorted(STEPS))
    try:
        for step in parser.parse_args().steps:
            STEPS[step]()
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    return 0


def set_up_venv() -> None:
    """Make .venv with everything in the lock, and the project and its SDK in editable form."""
    if sys.version_info < (3, 11):  # noqa: UP036 - runs on whatever python3 is
        fail(f"Python 3.11 or newer is needed, this is {platform.python_version()}. Install python3.11.")
    inputs = [REPOSITORY / "requirements.lock", REPOSITORY / "pyproject.toml", REPOSITORY / "sdk/python/pyproject.toml"]
    stamp = VENV / f".ready-{digest(inputs)}"
    if stamp.exists():
        return
    python = VENV / "bin" / "python"
    if not python.exists():
        make_venv()
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run("Installing the locked Python packages", [*pip, "--require-hashes", "-r", str(inputs[0])])
    editable = [*pip, "--no-deps", "--no-build-isolation", "-e", str(REPOSITORY), "-e", str(REPOSITORY / "sdk/python")]
    run("Installing certwright and its SDK in editable form", editable)
    for old in VENV.glob(".ready-*"):
        old.unlink()
    stamp.touch()


def set_up_foreign() -> None:
    """Put other providers' Python SDKs into .tools/foreign: in .venv every program would ask for their plugins."""
    target = CACHE / f"foreign-{digest([FOREIGN_LOCK])}"
    if not target.exists():
        pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        with fresh_folder(target) as folder:
            options = ["--no-deps", "--no-compile", "--require-hashes", "--target", str(folder)]
            run("Installing other providers' SDKs", [*pip, *options, "-r", str(FOREIGN_LOCK)])
    point(LOCAL_BIN.parent / "foreign", target)


def make_venv() -> None:
    """Make the virtual environment; Debian ships the module for it separately."""
    command = [sys.executable, "-m", "venv", str(VENV)]
    if subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode:
        install_debian(["python3-venv"])
    run("Making the virtual environment", command)


def set_up_debian() -> None:
    """Install the DNS server and the verifier of the demo."""
    install_missing({"knotd": "knot", "openssl": "openssl"})


def set_up_test_debian() -> None:
    """Install what tests use besides: a second verifier, other name servers, and what injects faults."""
    install_missing({"certtool": "gnutls-bin", "strace": "strace", "faketime": "faketime", "unbound": "unbound"})
    if which("pdns_server") is None:
        install_debian(["pdns-server", "pdns-backend-sqlite3"])


def install_missing(needed: Mapping[str, str]) -> None:
    """Install the packages of the programs that are not there."""
    install_debian([package for binary, package in needed.items() if which(binary) is None])


def install_debian(packages: Sequence[str]) -> None:
    """Install Debian packages, through sudo when not root; say what to install where that is impossible."""
    if not packages:
        return
    advice = f"Install it and run make again: apt-get install {' '.join(packages)}"
    if which("apt-get") is None:
        fail(f"{', '.join(packages)} is missing and there is no apt-get here. {advice}")
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if prefix and (
        which("sudo") is None or subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode
    ):
        fail(
            f"{', '.join(packages)} is missing and this user can neither be root nor sudo without a password. {advice}"
        )
    env = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    passed = [f"{key}={value}" for key, value in env.items()]
    run("Updating Debian's package lists", [*prefix, "env", *passed, "apt-get", "update", "-q"])
    install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages]
    run(f"Installing {', '.join(packages)}", [*prefix, "env", *passed, *install])


def set_up_engine() -> None:
    """Put the Pulumi engine and its language hosts into .tools/bin."""
    found = None if os.environ.get("CERTWRIGHT_TOOLS_BUILD") else engine_on_path()
    if found is None:
        found = CACHE / f"engine-{engine_digest()}"
        if not all((found / name).exists() for name in ENGINE):
            get_engine(found)
    for name in ENGINE:
        link(found / name)


def engine_on_path() -> Path | None:
    """Return the folder of a complete and new enough engine on PATH."""
    binary = which("pulumi")
    if binary is None or Path(binary).parent == LOCAL_BIN:
        return None
    folder = Path(binary).resolve().parent
    text = subprocess.run([binary, "version"], capture_output=True, text=True, check=False).stdout
    numbers = tuple(int(number) for number in re.findall(r"\d+", text)[:3])
    return folder if numbers >= OLDEST_ENGINE and all((folder / name).exists() for name in ENGINE) else None


def get_engine(target: Path) -> None:
    """Download the official release, or build the engine where that cannot be reached."""
    with fresh_folder(target) as folder:
        if os.environ.get("CERTWRIGHT_TOOLS_BUILD") or not download_engine(folder):
            build_engine(folder)


def download_engine(folder: Path) -> bool:
    """Unpack the official release into `folder`; return False where it cannot be reached."""
    arch = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine())
    if arch is None:
        return False
    with tempfile.NamedTemporaryFile(suffix=".tar.gz") as archive:
        try:
            with (
                urllib.request.urlopen(RELEASE.format(arch=arch), timeout=CONNECT_SECONDS) as answer,  # noqa: S310
                progress("Downloading the Pulumi engine"),
            ):
                shutil.copyfileobj(answer, archive)
        except (urllib.error.URLError, OSError):
            print("setup: the official Pulumi release cannot be reached; building the engine instead")
            return False
        archive.flush()
        with tarfile.open(archive.name) as tar:
            wanted = {*ENGINE, *(host.name for host in HOSTS)}
            members = [item for item in tar.getmembers() if Path(item.name).name in wanted]
            for member in members:
                member.name = Path(member.name).name
            tar.extractall(folder, members=members, filter="data")
    return all((folder / name).exists() for name in ENGINE)


def build_engine(folder: Path) -> None:
    """Build engine and language hosts from Go modules; the scripts come from the SDK's module."""
    for tool in ENGINE_TOOLS:
        build(tool, folder)
    sdk = go_output(["list", "-m", "-f", "{{.Dir}}", "github.com/pulumi/pulumi/sdk/v3"], "engine/pulumi")
    for name, path in SCRIPTS.items():
        shutil.copy(Path(sdk) / path, folder / name)
        (folder / name).chmod(0o755)


def set_up_languages() -> None:
    """Put in place what programs in TypeScript and Go need besides the engine."""
    engine = (LOCAL_BIN / "pulumi").resolve().parent
    for host in HOSTS:
        if (engine / host.name).exists():
            link(engine / host.name)
        else:
            set_up_tool(host)
    set_up_node_packages()
    compile_go_sdk()


def set_up_node_packages() -> None:
    """Put Pulumi's SDK and the TypeScript compiler into .tools/nodejs."""
    install_missing({"node": "nodejs", "npm": "npm"})
    if node_version() < OLDEST_NODE:
        print("setup: this Node.js is too old: tests in TypeScript are skipped. Install Node.js 18 or newer")
        return
    lock = NODE_PACKAGES / "package-lock.json"
    target = CACHE / f"nodejs-{digest([lock])}"
    if not target.exists():
        with fresh_folder(target) as folder:
            for file in (lock, NODE_PACKAGES / "package.json"):
                shutil.copy(file, folder)
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            run("Installing the locked Node.js packages", command, cwd=folder)
    point(LOCAL_BIN.parent / "nodejs", target)


def node_version() -> int:
    """Return the major version of Node.js."""
    text = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    return int(text.strip().lstrip("v").partition(".")[0] or 0)


def compile_go_sdk() -> None:
    """Compile Pulumi's Go SDK once, which takes a minute, with progress; Go keeps the result for all programs."""
    stamp = CACHE / f"go-sdk-{digest([GO_SDK / 'go.mod', GO_SDK / 'go.sum'])}"
    if not stamp.exists():
        run("Compiling Pulumi's Go SDK", [go(), "build", "./..."], cwd=GO_SDK)
        stamp.touch()


def set_up_verifiers() -> None:
    """Build what tests and checks use besides: SDK generator, zlint, a chain check with Go's verifier."""
    for tool in VERIFIERS:
        set_up_tool(tool)


def set_up_sdkgen() -> None:
    """Build the SDK generator alone."""
    set_up_tool(SDKGEN)


def set_up_tool(tool: GoTool) -> None:
    """Build a tool unless its cache has it."""
    target = CACHE / f"{tool.name}-{digest(sources(tool))}"
    if not (target / tool.name).exists():
        with fresh_folder(target) as folder:
            build(tool, folder)
    link(target / tool.name)


def build(tool: GoTool, folder: Path) -> None:
    """Build one Go program into `folder`."""
    command = [go(), "build", "-trimpath", "-ldflags", tool.flags, "-o", str(folder / tool.name), tool.package]
    run(f"Building {tool.name} from Go modules", command, cwd=TOOLS / tool.module)


def go() -> str:
    """Return a Go new enough to fetch the toolchain that the modules name."""
    binary = which("go") or shutil.which("go", path="/usr/local/go/bin:/usr/lib/go/bin")
    if binary is None:
        install_debian(["golang-go"])
        binary = which("go")
    if binary is None:
        fail("Go is missing. Install Go 1.25 or newer and run make again.")
    numbers = tuple(int(number) for number in re.findall(r"\d+", go_version(binary))[:2])
    if numbers < OLDEST_GO:
        fail(f"Go {'.'.join(map(str, numbers))} is too old to fetch a newer one. Install Go 1.25 or newer.")
    return binary


def go_version(binary: str) -> str:
    """Return `go version`'s number."""
    text = subprocess.run([binary, "env", "GOVERSION"], capture_output=True, text=True, check=False).stdout
    return text.strip()


def go_output(args: Sequence[str], module: str) -> str:
    """Return what a go command prints."""
    done = subprocess.run([go(), *args], cwd=TOOLS / module, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def sources(tool: GoTool) -> list[Path]:
    """Return the files that decide what a tool is."""
    return sorted((TOOLS / tool.module).rglob("*.go")) + sorted((TOOLS / tool.module).glob("go.*"))


def engine_digest() -> str:
    """Return a digest over the engine's modules."""
    return digest(sorted(file for tool in ENGINE_TOOLS for file in (TOOLS / tool.module).glob("go.*")))


def link(binary: Path) -> None:
    """Make `.tools/bin/<name>` point at a binary."""
    if LOCAL_BIN.is_symlink():
        LOCAL_BIN.unlink()
    LOCAL_BIN.mkdir(parents=True, exist_ok=True)
    point(LOCAL_BIN / binary.name, binary)


def point(place: Path, target: Path) -> None:
    """Make a link point at its target."""
    if place.is_symlink() and place.readlink() == target:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.symlink_to(target)


def digest(files: Sequence[Path]) -> str:
    """Return a short digest over the contents of files."""
    total = hashlib.sha256(platform.python_version().encode())
    for file in files:
        total.update(file.read_bytes() if file.exists() else b"-")
    return total.hexdigest()[:16]


@contextlib.contextmanager
def fresh_folder(target: Path) -> Iterator[Path]:
    """Fill a temporary folder and rename it, so that an interrupted build leaves nothing half made."""
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield folder
        folder.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(title: str, command: Sequence[str], cwd: Path = REPOSITORY, env: Mapping[str, str] | None = None) -> None:
    """Run a command with progress; show its output when it fails."""
    with progress(title):
        done = subprocess.run(
            list(command),
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        fail(f"{title} failed (exit code {done.returncode}); the output is above.")


@contextlib.contextmanager
def progress(title: str) -> Iterator[None]:
    """Print the title, and the seconds gone while it lasts."""
    started, done = time.monotonic(), threading.Event()

    def tell() -> None:
        while not done.wait(10):
            print(f"  ... {title.lower()}: {time.monotonic() - started:.0f} s", flush=True)

    print(f"setup: {title}", flush=True)
    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()
        print(f"  {time.monotonic() - started:.0f} s", flush=True)


def which(name: str) -> str | None:
    """Find a program on PATH or where administrators' programs are."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def fail(message: str) -> NoReturn:
    """End with one sentence."""
    raise SetupError(message)


STEPS: dict[str, Callable[[], None]] = {
    "venv": set_up_venv,
    "foreign": set_up_foreign,
    "debian": set_up_debian,
    "test-debian": set_up_test_debian,
    "engine": set_up_engine,
    "languages": set_up_languages,
    "nodejs": set_up_node_packages,
    "verifiers": set_up_verifiers,
    "sdkgen": set_up_sdkgen,
}

if __name__ == "__main__":
    raise SystemExit(main())
