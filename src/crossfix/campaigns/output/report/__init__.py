"""``report.html``: one file that a person reads, with or without a network or JavaScript."""
