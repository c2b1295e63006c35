"""Run `certwright …` with one secret to a batch: python rotating.py keys rotate.

Every secret is then a transaction, and so a point at which a process can be killed.
"""

import sys

from certwright.core import rotation
from certwright.transport.cli import main

if __name__ == "__main__":
    rotation._BATCH = 1
    main(sys.argv[1:], standalone_mode=True)
