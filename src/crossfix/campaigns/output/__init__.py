"""Writers of what a hunt leaves in its folder."""

from crossfix.campaigns.output.write import write_outputs

__all__ = ["write_outputs"]
