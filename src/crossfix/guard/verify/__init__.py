"""Verification: what an account can do to be trusted more, and the page where it does it."""
