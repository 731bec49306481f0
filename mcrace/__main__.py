"""Run mcrace as ``python -m mcrace``."""

import sys

from mcrace.cli import main

sys.exit(main())
