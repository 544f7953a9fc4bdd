"""One typed settings object: file < environment < argument."""
