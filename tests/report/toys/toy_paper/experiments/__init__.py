"""The toy paper's figures as data."""
