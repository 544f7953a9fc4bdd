"""Rules written for other tools, as policies: what can be said in our words, and what cannot."""

from crossfix.policy.adopt.adopted import Adopted
from crossfix.policy.adopt.file import adopt

__all__ = ["Adopted", "adopt"]
