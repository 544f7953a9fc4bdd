"""Measurements: of speed and of quality, each with its command, seed and machine."""
