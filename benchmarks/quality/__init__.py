"""How right the hunt is: on labelled posts, with an audience, on planted and generated worlds."""
