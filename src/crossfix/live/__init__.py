"""The same evidence as it arrives: who met whom on which key, minutes ago."""
