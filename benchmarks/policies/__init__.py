"""Benchmarks of usage policies."""
