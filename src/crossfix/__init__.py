"""crossfix finds, stops and shares coordinated misuse of AI."""

__version__ = "0.1.0"
