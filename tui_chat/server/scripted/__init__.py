"""The scripts of the built-in endpoint: its models, their pace, and the faults it can produce."""
