"""The program against servers and proxies that nobody here wrote: `python -m tests.foreign` prints a table."""
