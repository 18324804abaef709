"""Benchmarks: scripts that print ratios measured within one run on the same work; none of them is a test."""
