"""`python -m tests.server.sdk`: see `environment.py`."""

from __future__ import annotations

import sys

from tests.server.sdk.environment import main

sys.exit(main())
