"""The convergence bounds as functions of their constants: those that the paper prints, and those that its proof gives.

Plain arithmetic, so that one function serves proofs (SymPy symbols), counterexamples (exact rationals) and figures
(arrays). Names follow the paper: gap = f(W_0) - f*, S = the amplification factor, K = the number of steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Root = Callable[[Any], Any]


# Theorem 3 and Corollary 1 (appendix I). M_P and M_W bound the saturation of the two arrays from below. What is printed
# with a root takes the root as its argument, or the function that takes roots, so that it stays exact where that is.


class Metric(NamedTuple):
    """The weights of the squares in E_K^RL (91).

    drift: of grad f F(P) + |grad f| G(P), gradient: of grad f, both at Wbar. pull: of P* F(W) - |P*| G(W). main: of
    W - W* in the norm of M(W). residual: of P - P*(W).
    """

    drift: Any
    gradient: Any
    pull: Any
    main: Any
    residual: Any


def printed_transfer_rate(alpha: Any, mu: Any, root_gamma: Any, root_saturation: Any, F_max: Any) -> Any:
    """The beta of (89); root_saturation is M_P sqrt(M_W / 2), or by the other reading sqrt(M_P M_W / 2)."""
    return alpha * mu * root_gamma**3 * root_saturation / (16 * F_max**3)


def residual_transfer_rate(alpha: Any, gamma: Any, mu: Any, M_P: Any, root_M_W: Any, F_max: Any, q_max: Any) -> Any:
    """The transfer rate beta = alpha gamma^2 mu M_P sqrt(M_W) / (32 F_max^2 q_max) of the repaired Theorem 3."""
    return alpha * gamma**2 * mu * M_P * root_M_W / (32 * F_max**2 * q_max)


def printed_lyapunov_weight(alpha: Any, beta: Any, gamma: Any, M_P: Any, F_max: Any) -> Any:
    """The C of V_k as the text before (84) chooses it."""
    return 10 * beta * F_max**2 / (alpha * M_P * gamma)


def lyapunov_weight(alpha: Any, beta: Any, gamma: Any, M_P: Any, F_max: Any) -> Any:
    """The C of V_k with which the repaired proof goes through."""
    return printed_lyapunov_weight(alpha, beta, gamma, M_P, F_max) / gamma


def printed_residual_metric(mu: Any, gamma: Any, M_P: Any, M_W: Any, F_max: Any) -> Metric:
    """The weights of (91)."""
    main = 5 * mu**2 * gamma**3 / (64 * F_max**4 * M_P)
    return Metric(1, 1 / M_P, main * M_W / 5, main, mu**2 * gamma**2 * M_P / 2)


def residual_metric(mu: Any, gamma: Any, M_P: Any, M_W: Any, F_max: Any, q_max: Any) -> Metric:
    """The weights that the repaired proof gives, for beta = residual_transfer_rate."""
    main = 5 * mu**2 * M_P * M_W / (128 * F_max**2 * q_max**2)
    return Metric(1, M_P, gamma**2 * main / 5, main, mu**2 * gamma**2 * M_P / 2)


def printed_residual_bound(V_0: Any, alpha: Any, K: Any, S: Any, F_max: Any, L: Any, sigma2: Any) -> Any:
    """The second line of (92), for a learning rate alpha."""
    return 8 * F_max * (V_0 / (alpha * K) + 3 * alpha * L * F_max**2 * sigma2) + 24 * F_max * sigma2 * S


def residual_bound(V_0: Any, alpha: Any, gamma: Any, K: Any, S: Any, F_max: Any, L: Any, sigma2: Any) -> Any:
    """The repaired bound of E_K^RL for alpha <= 1/(8 gamma L F_max) and beta = residual_transfer_rate."""
    speed = alpha * gamma
    return 8 * F_max * (V_0 / (speed * K) + 3 * speed * L * F_max**2 * sigma2) + 6 * F_max * sigma2 * S


def residual_learning_rate(V_0: Any, gamma: Any, K: Any, F_max: Any, L: Any, sigma2: Any, sqrt: Root) -> Any:
    """The alpha that makes residual_bound smallest; it is small enough from `residual_least_steps` on."""
    return sqrt(V_0 / (3 * L * sigma2 * K)) / (F_max * gamma)


def residual_least_steps(V_0: Any, L: Any, sigma2: Any) -> Any:
    """The K from which residual_learning_rate is at most 1/(8 gamma L F_max)."""
    return 64 * L * V_0 / (3 * sigma2)


def residual_rate(V_0: Any, K: Any, S: Any, F_max: Any, L: Any, sigma2: Any, sqrt: Root) -> Any:
    """residual_bound at residual_learning_rate: the repaired Theorem 3 with its constants."""
    return 16 * F_max**2 * sqrt(3 * V_0 * sigma2 * L / K) + 6 * F_max * sigma2 * S


def exact_convergence_gamma2(mu: Any, sigma2: Any, L_S: Any, M_P: Any, M_W: Any, F_max: Any, q_max: Any) -> Any:
    """The square of the gamma from which the repaired Corollary 1 holds."""
    return 3072 * F_max**3 * q_max**2 * sigma2 * L_S**2 / (5 * mu**2 * M_P * M_W**2)


def exact_convergence_rate(V_0: Any, K: Any, F_max: Any, L: Any, sigma2: Any, sqrt: Root) -> Any:
    """The repaired Corollary 1 with its constants: twice the first term of residual_rate."""
    return 2 * residual_rate(V_0, K, 0, F_max, L, sigma2, sqrt)
