"""The toy paper's figures as pictures."""
