"""The promises about speed, measured on the real program: `python -m tests.benchmarks` (see `__main__.py`)."""
