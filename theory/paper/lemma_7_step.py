"""The steps that appendix I.4 is about: the update (10) of P_k alone, for P_{k+1} - P*(W_k) does not need W_{k+1}.

The response that counts is q_s: that of the sign of each coordinate's increment, the opposite of the gradient's. Its
largest and least entries give C_+ and C_- of (119), (120). Domains differ in the responses and in the learning rate.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..algorithm import analog_update
from ..bilevel import closed_form_residual
from ..domains import gradient, mixed_weight, noise, rate, strongly_convex
from ..statement import Assumption, Field, Instance
from .descent_terms import loose_variance
from .residual_step import charitable, rate_up_to

SIZES = (1, 2)
"""The dimensions of instances: what is proved is proved for every dimension, term by term."""


def goes_down(step: Instance) -> Any:
    """Where the mean increment -alpha grad f(Wbar_k) is negative, so that a down pulse is fired."""
    return step["gradient_bar"] > 0


def selected(step: Instance) -> Any:
    """q_s(P_k), s the sign of the mean increment in each coordinate."""
    return np.where(goes_down(step), step["q_minus_P"], step["q_plus_P"])


def other(step: Instance) -> Any:
    """The responses of the opposite signs, which are those of the gradient."""
    return np.where(goes_down(step), step["q_plus_P"], step["q_minus_P"])


def centre(responses: Any) -> Any:
    """C_+ (119) of these responses."""
    return (responses.max() + responses.min()) / 2


def radius(responses: Any) -> Any:
    """C_- (120) of these responses."""
    return (responses.max() - responses.min()) / 2


def spread_condition(step: Instance) -> tuple[Any, Any]:
    """Both sides of (126)."""
    mu, L = step["mu"], step["L"]
    ratio = radius(selected(step)) / centre(selected(step))
    return (mu + L) * ratio**2, mu * L / (2 * (mu + L))


# Responses at P_k


def _with_parts(step: Instance, q_plus: Any, q_minus: Any) -> Instance:
    """F and G (4), a bound of F, and one of the responses."""
    F, G = (q_minus + q_plus) / 2, (q_minus - q_plus) / 2
    F_max = F.max() * (1 + step["F_excess"])
    bounds = {"F_max": F_max, "q_max": max(q_plus.max(), q_minus.max(), F_max)}
    return {"q_plus_P": q_plus, "q_minus_P": q_minus, "F_P": F, "G_P": G, **bounds}


def _has_bounds(step: Instance) -> bool:
    within = all(np.all((0 < q) & (q <= step["q_max"])) for q in (step["q_plus_P"], step["q_minus_P"]))
    return bool(within and np.all(step["F_P"] <= step["F_max"]))


EXCESS = Field("F_excess", (), 0, 1)
BOUNDS = "F_max their largest F or up to twice that, q_max the largest of the responses and F_max"


def any_responses(low: float = 0.0625) -> Assumption:
    """Responses of Definition 1, each at least `low`."""
    return Assumption(
        "responses at P (Definition 1, Lemma 2)",
        f"q_+ and q_- of each weight in [{low:g}, 4], any of them; {BOUNDS}",
        holds=lambda step: _has_bounds(step) and bool(min(step["q_plus_P"].min(), step["q_minus_P"].min()) >= low),
        fields=(Field("q_plus_P", ("D",), low, 4), Field("q_minus_P", ("D",), low, 4), EXCESS),
        build=lambda drawn: _with_parts(drawn, drawn["q_plus_P"], drawn["q_minus_P"]),
    )


def _build_close(drawn: Instance) -> Instance:
    mu, L = drawn["mu"], drawn["L"]
    reach = mu * L / (mu + L) ** 2 * 7 / 5  # C_- <= reach C_+ gives (126), for 2 (7/5)^2 reach is at most 1
    shape = 1 + reach * drawn["spread_of_q_s"]
    chosen, unused = drawn["C_plus"] * shape / centre(shape), drawn["q_other"]
    down = goes_down(drawn)
    return _with_parts(drawn, np.where(down, unused, chosen), np.where(down, chosen, unused))


def _is_close(step: Instance) -> bool:
    left, right = spread_condition(step)
    return bool(_has_bounds(step) and centre(selected(step)) == step["C_plus"] and left <= right)


def close_responses(low: float = 0.0625) -> Assumption:
    """Responses of Definition 1 that meet (126), and C_+ >= `low`."""
    return Assumption(
        "responses at P that meet (126)",
        f"q_s of all weights close together, C_+ in [{low:g}, 4]; those of the other sign in [1/16, 4]; {BOUNDS}",
        holds=_is_close,
        fields=(
            Field("C_plus", (), low, 4),
            Field("spread_of_q_s", ("D",), -1, 1),
            Field("q_other", ("D",), 0.0625, 4),
            EXCESS,
        ),
        build=_build_close,
    )


# The learning rate, and the step


def _rate_below(bound: str, times: int = 1) -> Assumption:
    def limit(step: Instance) -> Any:
        return centre(selected(step)) / (times * step["gamma"] * (step["mu"] + step["L"]) * step[bound] ** 2)

    return rate_up_to("alpha", limit, f"C_+/({'' if times == 1 else f'{times} '}gamma (mu + L) {bound}^2)")


printed_rate, small_rate = _rate_below("F_max"), _rate_below("q_max")
smaller_rate, tiny_rate = _rate_below("F_max", 16), _rate_below("q_max", 1000)


def _build_move(drawn: Instance) -> Instance:
    samples = drawn["gradient_bar"] + drawn["xi"]
    return {
        "samples": samples,
        "P_next": analog_update(drawn["P"], -drawn["alpha"] * samples, drawn["F_P"], drawn["G_P"]),
    }


residual_move = Assumption(
    "one step of the residual array (10)",
    "from P, for every atom of the noise",
    holds=lambda _: True,
    build=_build_move,
)


def moves(
    *further: Assumption,
    objective: Assumption = strongly_convex,
    law: Assumption = noise,
    responses: Assumption | None = None,
    alpha: Assumption = rate,
) -> tuple[Assumption, ...]:
    """The domain of one step of P; `further` assumptions may build on all but the rate and the step."""
    return (objective, mixed_weight, law, responses or any_responses(), *further, alpha, residual_move)


ANY = moves(loose_variance)
PRINTED_RATE = moves(alpha=printed_rate)
CLOSE = moves(loose_variance, responses=close_responses())
SLOW = moves(loose_variance, responses=close_responses(), alpha=small_rate)
SLOW_AS_PRINTED = moves(loose_variance, responses=close_responses(), alpha=printed_rate)
LIVELY_AS_PRINTED = moves(loose_variance, responses=close_responses(0.5), alpha=printed_rate)
LIVELY = moves(loose_variance, charitable, responses=close_responses(0.5), alpha=small_rate)
WITHOUT_SCALE = moves(charitable, responses=close_responses(1 / 64), alpha=tiny_rate)


# A narrow valley without noise, for what fails without (126)


def _build_valley(drawn: Instance) -> Instance:
    curvature = drawn["mu"] + drawn["spread"] * (np.arange(len(drawn["axis"])) > 0)
    built = {"L": drawn["mu"] + drawn["spread"], "h_left": curvature, "h_right": curvature}
    return {**built, "gradient": gradient({**drawn, **built}, drawn["W"])}


valley = replace(
    strongly_convex,
    says="f(W) = sum_i h_i y_i^2 / 2, y = W - W* along any orthogonal axes, one h_i = mu, the others L; mu in "
    "[1/8, 1/4], L - mu in [2, 4]",
    fields=(
        Field("mu", (), 0.125, 0.25),
        Field("spread", (), 2, 4),
        *(field for field in strongly_convex.fields if field.name in ("axis", "W", "W_star")),
    ),
    build=_build_valley,
)

no_noise = Assumption(
    "no noise (Assumption 2)",
    "sigma = 0",
    holds=lambda step: bool(step["sigma2"] == 0 and np.all(step["xi"] == 0)),
    build=lambda drawn: {
        "p": np.array([1 + 0 * drawn["gamma"]]),
        "xi": 0 * drawn["W"][None],
        "sigma2": 0 * drawn["gamma"],
    },
)

WITHOUT_CLOSENESS = moves(charitable, objective=valley, law=no_noise, responses=any_responses(0.5), alpha=tiny_rate)


# P = P*(W) and an almost symmetric device, for the last term of (128) when alpha is small


def _build_optimal(drawn: Instance) -> Instance:
    residual = closed_form_residual(drawn["W_star"], drawn["W"], drawn["gamma"])
    return {"P": residual, "P_opt": residual, "W_bar": drawn["W_star"], "gradient_bar": 0 * drawn["W"]}


optimal = Assumption(
    "P = P*(W)",
    "P is the residual P*(W) = (W* - W)/gamma, so that W + gamma P = W*, where the gradient is 0; gamma in [1/8, 4]",
    holds=lambda step: bool(np.all(step["W"] + step["gamma"] * step["P"] == step["W_star"])),
    fields=(Field("gamma", (), 0.125, 4),),
    build=_build_optimal,
)

almost_symmetric = Assumption(
    "an almost symmetric array",
    "q_+ = 1 - G and q_- = 1 + G with G in [0, 1/64] in each weight, so that F = F_max = 1",
    holds=_has_bounds,
    fields=(Field("G_P", ("D",), 0, 1 / 64),),
    build=lambda drawn: _with_parts({**drawn, "F_excess": 0}, 1 - drawn["G_P"], 1 + drawn["G_P"]),
)
AT_THE_OPTIMUM = (strongly_convex, optimal, noise, almost_symmetric, smaller_rate, residual_move)


# P = 0, gamma large, and the responses there, for (126)


def _build_origin(drawn: Instance) -> Instance:
    residual = closed_form_residual(drawn["W_star"], drawn["W"], drawn["gamma"])
    return {"P": 0 * drawn["W"], "W_bar": drawn["W"], "gradient_bar": drawn["gradient"], "P_opt": residual}


origin = Assumption(
    "P = 0, gamma large",
    "P = 0; gamma in [64, 1024]; the gradient at W + gamma P; the residual P*(W) = (W* - W)/gamma",
    holds=lambda step: bool(np.all(step["P"] == 0) and step["gamma"] >= 64),
    fields=(Field("gamma", (), 64, 1024),),
    build=_build_origin,
)


def _build_one_device(drawn: Instance) -> Instance:
    ones = 1 + 0 * drawn["P"]
    return _with_parts(drawn, drawn["q_plus_zero"] * ones, drawn["q_minus_zero"] * ones)


one_device = Assumption(
    "one device for all weights",
    f"q_+(0) and q_-(0) in [1/16, 4], the same for all weights; {BOUNDS}",
    holds=_has_bounds,
    fields=(Field("q_plus_zero", (), 0.0625, 4), Field("q_minus_zero", (), 0.0625, 4), EXCESS),
    build=_build_one_device,
)

differing_devices = Assumption(
    "zero-shifted devices (Assumption 4)",
    f"q_+(0) = q_-(0) in [1/16, 4], G(0) = 0, one value for each weight; {BOUNDS}",
    holds=lambda step: _has_bounds(step) and bool(np.all(step["G_P"] == 0)),
    fields=(Field("q_zero", ("D",), 0.0625, 4), EXCESS),
    build=lambda drawn: _with_parts(drawn, drawn["q_zero"], drawn["q_zero"]),
)

moving = Assumption(
    "an increment in every weight",
    "no coordinate of the gradient is 0",
    holds=lambda step: bool(np.all(step["gradient_bar"] != 0)),
)

ONE_DEVICE = (strongly_convex, origin, moving, one_device)
DIFFERING_DEVICES = (strongly_convex, origin, moving, differing_devices)
