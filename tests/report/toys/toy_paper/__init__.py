"""A paper of three claims, two figures and one broken figure, for tests of the report."""
