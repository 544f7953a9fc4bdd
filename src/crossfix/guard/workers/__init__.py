"""Several processes at one port: started together, and each told what the others saw."""

from crossfix.guard.workers.place import Place

__all__ = ["Place"]
