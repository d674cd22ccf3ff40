"""The first page of each role: what is to be done today, and the figures that matter."""
