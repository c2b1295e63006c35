"""What holds for every test."""

import signal


def pytest_configure() -> None:
    """Let Ctrl-C do what it does at a terminal: a shell starts what runs in the background with it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
