"""What the law `residual-bias` rests on: the leak of the residual array's spread, and when the loop settles."""

from __future__ import annotations

import sympy as sp

from ..noise import folded_normal
from ..statement import All, Form, Identity, Implication, Measured
from ..symbols import symbol
from . import statement

OURS = "a law of ours"


@statement("lib-law-leak", source=OURS)
def leak() -> Form:
    """Exactly one x solves x = k E|x + xi| where |k| < 1: the two sides differ by a function that grows with x."""
    x, k, e = symbol("x"), symbol("k"), symbol("e")
    slope = sp.diff(folded_normal(x, 1), x)
    return All(
        (
            ("E|x + xi| has the slope erf(x/sqrt 2)", Identity(sp.simplify(slope), sp.erf(x / sp.sqrt(2)))),
            ("so the difference grows", Implication((k**2 < 1, e**2 <= 1), 1 - k * e > 0)),
        )
    )


@statement("lib-law-residual-spread", source=OURS)
def spread() -> Form:
    """Without asymmetry in W, P has the variance alpha sigma^2/(2 kappa) for any beta/alpha, and P and W no covariance.

    With a slow buffer H has that variance times nu/(nu + kappa), nu = buffer/alpha.
    """
    h, kappa, rho, nu, sigma2 = (symbol(n, "positive") for n in ("h", "kappa", "beta_alpha", "nu", "sigma2"))
    drift, noise = sp.Matrix([[-kappa, -h], [rho, 0]]), sp.diag(sigma2, 0)
    P = sigma2 / (2 * kappa)
    pair = sp.diag(P, rho * P / h)
    slow = sp.Matrix([[-kappa, 0], [nu, -nu]])
    H = P * nu / (nu + kappa)
    buffered = sp.Matrix([[P, H], [H, H]])
    return All(
        (
            ("(P, W)", Identity(-drift * pair, pair * drift.T + noise)),
            ("(P, H)", Identity(-slow * buffered, buffered * slow.T + noise)),
        )
    )


@statement("lib-law-buffer-stability", source=OURS)
def buffer_stability() -> Form:
    """A loop with a buffer settles at small rates where h beta/alpha < kappa (kappa + nu), nu = buffer/alpha.

    An eigenvalue s = x + i y of the mean flow of (P, H, W) solves s^3 + a s^2 + b s + c = 0, c < a b. Where y is not 0
    the imaginary part gives y^2, and what is left of the real part has no root x >= 0; nor has it where y = 0.
    """
    x, y = symbol("x"), symbol("y")
    h, kappa, rho, nu = (symbol(n, "positive") for n in ("h", "kappa", "beta_alpha", "nu"))
    a, b, c = (symbol(n, "positive") for n in ("a", "b", "c"))
    s = x + sp.I * y
    real, imaginary = sp.expand(s**3 + a * s**2 + b * s + c).as_real_imag()
    left = sp.expand(real).subs(y**2, sp.solve(sp.expand(imaginary / y), y**2)[0])
    ours = sp.Poly((x + kappa) * (x + nu) * x + h * rho * nu, x).all_coeffs()[1:]
    room = sp.expand(ours[0] * ours[1] - ours[2])
    return All(
        (
            ("c < a b", Identity(room, nu * (kappa * (kappa + nu) - h * rho))),
            ("eigenvalues that turn", Implication((c < a * b, x >= 0), sp.expand(left) < 0)),
            ("real eigenvalues", Implication((x >= 0,), x**3 + a * x**2 + b * x + c > 0)),
        )
    )


@statement(
    "lib-law-residual-bias", source=OURS, uses=["lib-law-leak", "lib-law-residual-spread"], experiment="residual_bias"
)
def residual_bias() -> Form:
    """At finite rates Residual Learning keeps a bias of order sqrt(alpha), which the law predicts, buffer or not."""
    says = "the bias of W and of Wbar is the one that the law predicts, and falls as sqrt(alpha)"
    return Measured("residual_bias", says, "1")
