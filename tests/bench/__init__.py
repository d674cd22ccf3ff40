"""Benchmarks: every figure is a ratio of two measurements of one run, since absolute times say little on shared machines."""
