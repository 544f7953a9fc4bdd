"""The composition root: builds the parts and registers the built-ins."""
