"""How fast crossfix is and how much memory it takes."""
