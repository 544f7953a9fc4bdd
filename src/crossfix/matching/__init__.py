"""Indicators and fingerprints, indexed so that a text is compared with all of them at once."""
