"""The report of a finished run: its answer in plain words, and one self-contained page."""
