"""A figure that fails."""


def data(depth="default", workers=1, progress=None):
    raise ArithmeticError("configuration='a' diverged at step=3")


def findings(ds):
    raise AssertionError("is not reached")
