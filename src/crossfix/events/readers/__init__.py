"""Readers: one file a format, each turning real files into events and saying what it refused."""
