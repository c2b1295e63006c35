"""Run the certwright that lies beside this file, under the name given first."""

import importlib
import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(_HERE / "lib"), str(_HERE / f"lib-{sys.version_info.major}.{sys.version_info.minor}")]


def main() -> None:
    """Run the plugin, or the command when called `certwright`."""
    sys.argv[0] = sys.argv.pop(1)
    module = "transport.cli" if sys.argv[0] == "certwright" else "transport.grpc_server"
    importlib.import_module(f"certwright.{module}").main()


if __name__ == "__main__":
    main()
