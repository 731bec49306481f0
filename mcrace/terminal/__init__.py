"""What the commands say on a terminal: plain text of at most 80 columns."""
