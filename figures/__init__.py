"""Pictures: a module a figure, data in, matplotlib figure out."""
