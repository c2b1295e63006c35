"""The plugin without an active environment: installed once, then found by the engine without a warning."""

import subprocess

from tests.support.programs import certificate, program
from tests.support.stack import VENV, Stack


def test_an_installed_plugin_is_found_without_the_environment_on_path(stack: Stack) -> None:
    stack.write(program(certificate(["plugin.example.com"])))
    done = subprocess.run(
        [str(VENV / "bin" / "certwright"), "pulumi", "install"],
        env=stack.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "is installed as a Pulumi plugin" in done.stdout) == (0, True), done.stderr
    without = ":".join(part for part in stack.environment()["PATH"].split(":") if part != f"{VENV}/bin")
    run = stack.preview(env={"PATH": without, "VIRTUAL_ENV": ""}).require_ok()
    assert run.changed() == {"cert": "create"}
    assert "from $PATH" not in run.text
