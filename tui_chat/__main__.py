"""Run the program as `python -m tui_chat`."""

import sys

from tui_chat.cli.main import main

sys.exit(main())
