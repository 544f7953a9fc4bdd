"""Run crossfix as ``python -m crossfix``."""

from crossfix.cli import main

main()
