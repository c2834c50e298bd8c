"""What the theory of gradient descent on analog hardware guarantees: derived, checked and drawn by machine.

Everything of public use is named here and loaded when first used: `from analog_theory import linear, simulate`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
