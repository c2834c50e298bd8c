"""The convergence bounds as functions of their constants: those that the paper prints, and those that its proof gives.

Plain arithmetic, so that one function serves proofs (SymPy symbols), counterexamples (exact rationals) and figures
(arrays). Names follow the paper: gap = f(W_0) - f*, S = the amplification factor, K = the number of steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Root = Callable[[Any], Any]


# Theorem 2 and Remark 1 (appendix H)


def analog_sgd_bound(gap: Any, alpha: Any, K: Any, S: Any, F_max: Any, L: Any, sigma2: Any) -> Any:
    """The third line of (73), for alpha <= 1/(4 L F_max); the second line, where gap is f(W_0) - E f(W_K)."""
    return 8 * F_max * gap / (alpha * K) + 8 * alpha * L * F_max**3 * sigma2 + 8 * F_max * sigma2 * S


def analog_sgd_learning_rate(gap: Any, K: Any, F_max: Any, L: Any, sigma2: Any, sqrt: Root) -> Any:
    """The alpha with which (73) ends; it is at most 1/(4 L F_max) from `analog_sgd_least_steps` on."""
    return sqrt(gap / (sigma2 * L * K)) / F_max


def analog_sgd_least_steps(gap: Any, L: Any, sigma2: Any) -> Any:
    """The K from which `analog_sgd_learning_rate` is at most 1/(4 L F_max)."""
    return 16 * L * gap / sigma2


def analog_sgd_rate(gap: Any, K: Any, S: Any, F_max: Any, L: Any, sigma2: Any, sqrt: Root) -> Any:
    """The last line of (73), Theorem 2 with its constants: for K >= analog_sgd_least_steps, S in the mean."""
    return 16 * F_max**2 * sqrt(gap * sigma2 * L / K) + 8 * F_max * sigma2 * S


def analog_sgd_rate_of_any_length(gap: Any, K: Any, S: Any, F_max: Any, L: Any, sigma2: Any, sqrt: Root) -> Any:
    """Theorem 2 repaired for every K >= 1, alpha being the smaller of 1/(4 L F_max) and analog_sgd_learning_rate."""
    return 32 * L * F_max**2 * gap / K + analog_sgd_rate(gap, K, S, F_max, L, sigma2, sqrt)


def analog_sgd_gradient(metric: Any, q_min: Any) -> Any:
    """What a bound of the metric of (73) says of the mean of ||grad f||^2, for responses of at least q_min."""
    return metric / (5 * q_min**2)


def digital_sgd_bound(gap: Any, alpha: Any, K: Any, L: Any, sigma2: Any) -> Any:
    """The bound of the mean of ||grad f||^2 of Digital SGD for alpha <= 1/L, as in [38]."""
    return 2 * gap / (alpha * K) + alpha * L * sigma2


def digital_sgd_rate(gap: Any, K: Any, L: Any, sigma2: Any, sqrt: Root) -> Any:
    """That bound at the best alpha, sqrt(2 gap/(L sigma^2 K))."""
    return sqrt(8 * gap * sigma2 * L / K)


def unsaturated_rate(gap: Any, K: Any, S: Any, M_min: Any, F_max: Any, L: Any, sigma2: Any, sqrt: Root) -> Any:
    """The bound (75) of the mean of ||grad f||^2 where M(W_k) >= M_min.

    As printed, S is the mean of ||G/sqrt(F)||_inf^2 / min M(W_k); as proved, it is the amplification factor / M_min.
    """
    return 4 * F_max**2 / M_min * sqrt(gap * sigma2 * L / K) + 2 * F_max * sigma2 * S


def unsaturated_rate_linear(gap: Any, K: Any, S: Any, W_max: Any, tau: Any, L: Any, sigma2: Any, sqrt: Root) -> Any:
    """The last line of (21), for the linear response and weights within W_max; S as in `unsaturated_rate`."""
    return 4 * sqrt(gap * sigma2 * L / K) / (1 - W_max**2 / tau**2) + 2 * sigma2 * S


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


def residual_rate_of_any_length(V_0: Any, K: Any, S: Any, F_max: Any, L: Any, sigma2: Any, sqrt: Root) -> Any:
    """The same for every K >= 1, alpha being the smaller of 1/(8 gamma L F_max) and residual_learning_rate."""
    return 64 * L * F_max**2 * V_0 / K + residual_rate(V_0, K, S, F_max, L, sigma2, sqrt)


def exact_convergence_gamma2(mu: Any, sigma2: Any, L_S: Any, M_P: Any, M_W: Any, F_max: Any, q_max: Any) -> Any:
    """The square of the gamma from which the repaired Corollary 1 holds."""
    return 3072 * F_max**3 * q_max**2 * sigma2 * L_S**2 / (5 * mu**2 * M_P * M_W**2)


def exact_convergence_rate(V_0: Any, K: Any, F_max: Any, L: Any, sigma2: Any, sqrt: Root) -> Any:
    """The repaired Corollary 1 with its constants: twice the first term of residual_rate."""
    return 2 * residual_rate(V_0, K, 0, F_max, L, sigma2, sqrt)


# Theorem 6 (appendix J): Analog GD. The bounds are the printed ones; what is repaired is the metric that they bound, in
# which |grad f| G has the sign of (2), and the learning rate of each.


def analog_gd_bound(gap: Any, alpha: Any, K: Any, F_max: Any, L: Any) -> Any:
    """The second line of (145), for alpha < 1/(L F_max), where gap is f(W_0) - f(W_{K+1})."""
    return 2 * gap * F_max / (alpha * (1 - alpha * L * F_max) * K)


def analog_gd_rate(gap: Any, K: Any, F_max: Any, L: Any) -> Any:
    """(136), analog_gd_bound at alpha = 1/(2 L F_max), where it is least."""
    return 8 * L * gap * F_max**2 / K


def analog_gd_rate_of_printed_metric(gap: Any, K: Any, F_max: Any, L: Any, q_min: Any, q_max: Any) -> Any:
    """What (136) becomes for the metric as it is printed, with the same learning rate: it depends on q_max / q_min."""
    return 4 * L * gap * F_max**2 * (1 + q_max / q_min) / K


def analog_gd_gradient_bound(gap: Any, alpha: Any, K: Any, F_max: Any, M_min: Any) -> Any:
    """The second line of (147), for alpha <= 1/(L F_max), where gap is f(W_0) - f(W_{K+1})."""
    return 2 * gap * F_max / (alpha * K * M_min)


def analog_gd_gradient_rate(gap: Any, K: Any, F_max: Any, L: Any, M_min: Any) -> Any:
    """(137), analog_gd_gradient_bound at alpha = 1/(L F_max); twice that at the alpha of (136)."""
    return 2 * L * gap * F_max**2 / (K * M_min)
