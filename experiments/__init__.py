"""Numbers: running it, many times over."""
