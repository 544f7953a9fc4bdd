"""Accounts: how each behaves, what it says of itself, and which are one actor."""
