"""Recordings of the wire, with times: kept in bounded memory, written to files, and read again."""
