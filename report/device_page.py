"""What the command `device` tells: one known or measured device on one page, as text, as an object and as a picture."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sympy as sp

from ..experiments.aihwkit import equivalent, preset_snippet
from ..experiments.characterise import INSIDE, Bias, Characterised, Limit, Problem as Problem
from ..experiments.fit import REACH, Fit, fit_curve
from ..experiments.measured import read_curve
from ..theory.definition_1 import Membership
from ..theory.presets import Preset, preset, presets
from .catalogue import UnknownNameError
from .store import written_beside
from .tasks import NO_DATES

FOLDER = Path("figures") / "devices"
LISTED = ("name", "source", "model", "states", "symmetric point", "|R(0)|")
Sections = list[tuple[str, list[str]]]


@dataclass(frozen=True, eq=False)
class Page:
    """A device with what is predicted of it: `known` or `fit`, of which one is given."""

    name: str
    device: Characterised
    problem: Problem
    known: Preset | None = None
    fit: Fit | None = None

    @property
    def headline(self) -> str:
        """One line: what the device is, and the finding."""
        told = self.known.source if self.known else f"measured, {_family(self.fit)}"
        return f"{self.name}: {told}"

    @property
    def finding(self) -> str:
        """The picture's title."""
        bias, limit = self.device.bias(self.problem), self.device.tiki_taka
        where = _points(self.device)
        place = f"symmetric point {where[0]:.3g}" if len(where) == 1 else _symmetric(self.device)
        bears = "exceeds" if limit.stops else "is below"
        return (
            f"{self.name}: {place}; Analog SGD is off by {100 * bias.in_ranges:+.1f} % of the range;\n"
            f"|R(0)| = {limit.asymmetry:.2g} {bears} the {limit.critical.ratio:.3f} at which Tiki-Taka stops converging"
        )


def page(name: str, problem: Problem) -> Page:
    """The page of a preset, or of the measurement in a CSV file.

    Raises UnknownNameError for what is neither, ValueError for a file that is no response curve.
    """
    if _is_file(name):
        fit = fit_curve(read_curve(name))
        return Page(Path(name).stem, Characterised(fit.response, fit.dw_min), problem, fit=fit)
    try:
        known = preset(name)
    except ValueError:
        raise _unknown(name) from None
    return Page(known.name, Characterised(known.response, float(known.dw_min)), problem, known=known)


def _is_file(name: str) -> bool:
    path = Path(name)
    if path.is_file():
        return True
    if path.suffix.casefold() == ".csv" or len(path.parts) > 1:
        raise UnknownNameError(f"device={name!r}: must be a CSV file that exists, or a preset's name")
    return False


def _unknown(name: str) -> UnknownNameError:
    names = [one.name for one in presets()]
    lower = {one.casefold(): one for one in names}
    near = difflib.get_close_matches(name.casefold(), lower, n=1)
    hint = f"; did you mean {lower[near[0]]}?" if near else ""
    return UnknownNameError(f"device={name!r}: must be a CSV file, or one of {', '.join(names)}{hint}")


def listing() -> list[dict[str, Any]]:
    """All presets in short, an object each: name, source, model, states, symmetric_points, asymmetry_at_0."""
    found = []
    for one in presets():
        device = Characterised(one.response, float(one.dw_min))
        found.append(
            {
                "name": one.name,
                "source": one.source,
                "model": one.model,
                "states": device.states,
                "symmetric_points": _symmetric_points(device),
                "asymmetry_at_0": device.at_0[2],
            }
        )
    return found


def row(one: Mapping[str, Any]) -> tuple[str, ...]:
    """A preset of the listing as the cells of a table, under `LISTED`."""
    points = one["symmetric_points"]
    where = "every w" if isinstance(points, str) else ", ".join(f"{point:.4g}" for point in points) or "none"
    return (one["name"], one["source"], one["model"], _count(one["states"]), where, f"{abs(one['asymmetry_at_0']):.3g}")


def picture(made: Page, out: Path) -> Path:
    """Draw the page's device to OUT/figures/devices/NAME.png."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    from ..figures.device import draw
    from ..figures.style import styled

    figure, path = draw(made.finding, made.device, made.fit), out / FOLDER / f"{made.name}.png"
    with styled(), written_beside(path) as beside:
        figure.savefig(beside, metadata=NO_DATES["png"])
    pyplot.close(figure)
    return path


def told(made: Page) -> dict[str, Any]:
    """The page as an object; `Page` and the README name its keys."""
    device, known = made.device, made.known
    up, down, ratio = device.at_0
    return {
        "device": made.name,
        "kind": "preset" if known else "measured",
        "source": known.source if known else str(made.fit.curve.name) if made.fit else "",
        "model": known.model if known else _family(made.fit),
        "q_plus": str(device.response.q_plus),
        "q_minus": str(device.response.q_minus),
        "range": list(device.range),
        "dw_min": device.dw_min,
        "states": device.states,
        "sigma_c": float(known.dw_min_std) if known else None,
        "variation": {name: float(value) for name, value in known.variation.items()} if known else None,
        "remarks": list(known.remarks) if known else [],
        "at_0": {"q_plus": up, "q_minus": down, "R": ratio},
        "symmetric_points": _symmetric_points(device),
        "definition_1": {"range": _member(device.whole), "inside": _member(device.inside)},
        "analog_sgd": _bias(made.problem, device.bias(made.problem)),
        "tiki_taka": _limit(device.tiki_taka),
        "fit": _fit(made.fit) if made.fit else None,
        "aihwkit": _equivalent(made),
    }


def _equivalent(made: Page) -> dict[str, Any]:
    if made.fit is None:
        assert made.known is not None
        return {"exact": True, "snippet": preset_snippet(made.known)}
    found = equivalent(made.fit)
    return {"exact": found.exact, "snippet": found.snippet}


def _family(fit: Fit | None) -> str:
    return fit.best.family.name if fit else ""


def _symmetric_points(device: Characterised) -> list[float] | str:
    where = device.response.symmetric_points
    return _points(device) if isinstance(where, sp.FiniteSet) or where.is_empty else f"every w of {where}"


def _points(device: Characterised) -> list[float]:
    where = device.response.symmetric_points
    return sorted(float(point) for point in where) if isinstance(where, sp.FiniteSet) else []


def _member(found: Membership) -> dict[str, Any]:
    return {
        "holds": found.holds,
        "reason": found.reason,
        "q_min": _number(found.q_min),
        "q_max": _number(found.q_max),
        "slope_max": _number(found.slope_max),
    }


def _number(value: sp.Expr) -> float | None:
    """The number; None where it is infinite, which JSON has no word for."""
    return float(value) if value.is_finite else None


def _bias(problem: Problem, bias: Bias) -> dict[str, Any]:
    return {
        "curvature": problem.curvature,
        "noise_in_ranges": problem.noise,
        "w_star": bias.w_star,
        "settles": bias.settles,
        "bias": bias.settles - bias.w_star,
        "bias_in_ranges": bias.in_ranges,
        "at_bound": bias.bound,
        "other_roots": list(bias.others),
        "w_tilde": bias.w_tilde,
    }


def _limit(limit: Limit) -> dict[str, Any]:
    return {
        "asymmetry_at_0": limit.asymmetry,
        "critical_ratio": limit.critical.ratio,
        "critical_ratio_proved_at_least": limit.critical.lower,
        "stops_converging": limit.stops,
        "zero_may_lie_in": list(limit.window) if limit.window else None,
    }


def _fit(fit: Fit) -> dict[str, Any]:
    point, (asymmetry, error) = fit.symmetric_point, fit.asymmetry
    return {
        "best": fit.best.family.name,
        "formula": fit.best.family.formula,
        "false_alarm_rate": fit.level,
        "noise": fit.noise,
        "up_pulses": fit.pulses_up,
        "centre": fit.centre,
        "half_range": fit.half,
        "symmetric_point": None if point is None else fit.centre + fit.half * point[0],
        "symmetric_point_error": None if point is None else fit.half * point[1],
        "asymmetry_at_0": asymmetry,
        "asymmetry_at_0_error": error,
        "families": [
            {
                "name": trial.family.name,
                "parameters": trial.parameters,
                "rms": trial.rms,
                "p_value": trial.p_value,
                "rejected": trial.rejected,
                "bic": trial.bic,
                "range_in_widths_of_the_curve": trial.reach,
            }
            for trial in fit.trials
        ],
    }


def sections(made: Page, drawn: Path | None) -> Sections:
    """The page as headed lines."""
    device, known, fit = made.device, made.known, made.fit
    parts: Sections = [("Response", _response_lines(made)), ("Symmetric point", _symmetric_lines(made))]
    if fit:
        parts.insert(0, ("Fit", _fit_lines(fit)))
    if known:
        varied = [f"{name} {value}" for name, value in known.variation.items() if float(value)]
        parts.append(("Variation", [", ".join(varied), *known.remarks]))
    parts += [
        ("Definition 1", _member_lines(device)),
        ("Analog SGD", _bias_lines(made)),
        ("Tiki-Taka", _limit_lines(device.tiki_taka, fit)),
        ("In AIHWKit", _snippet_lines(_equivalent(made))),
    ]
    return [*parts, ("Picture", [str(drawn)])] if drawn else parts


def _shown(expr: sp.Expr) -> str:
    if expr.has(sp.Piecewise):
        return f"a cubic spline of {len(expr.args)} pieces"
    return str(sp.N(expr, 5)) if not expr.is_Integer else str(expr)


def _count(states: float) -> str:
    return f"{states:.0f}" if states >= 100 else f"{states:.3g}"


def _response_lines(made: Page) -> list[str]:
    device, (low, high) = made.device, made.device.range
    up, down, ratio = device.at_0
    unit = "" if made.fit is None else f", w = (conductance {-made.fit.centre:+.5g})/{made.fit.half:.5g}"
    error = "" if made.fit is None else f" +- {made.fit.asymmetry[1]:.2g}"
    lines = [
        f"q_+(w) = {_shown(device.response.q_plus)}",
        f"q_-(w) = {_shown(device.response.q_minus)}",
        f"range [{low:.5g}, {high:.5g}]{unit}; dw_min {device.dw_min:.5g}, {_count(device.states)} states",
        f"at w = {device.zero:g}: q_+ = {up:.5g}, q_- = {down:.5g}, |R(0)| = {abs(ratio):.3g}{error}",
    ]
    if made.known is None:
        return lines
    noise = "dw_min q (1 + sigma_c xi)" if made.known.multiplicative else "dw_min (q + sigma_c xi)"
    return [
        f"model {made.known.model}",
        *lines,
        f"cycle variation sigma_c = {made.known.dw_min_std}: a step is {noise}",
    ]


def _symmetric(device: Characterised) -> str:
    found = _symmetric_points(device)
    if isinstance(found, str):
        return "every weight is symmetric"
    return f"{len(found)} symmetric points" if found else "no symmetric point"


def _symmetric_lines(made: Page) -> list[str]:
    found, fit = _symmetric_points(made.device), made.fit
    if isinstance(found, str):
        return [f"{found}: the responses are equal"]
    if not found and fit and abs(fit.asymmetry[0]) < 2 * fit.asymmetry[1]:
        return ["none, but the responses are equal within two standard errors at the range's middle"]
    if not found:
        return ["none: q_+ and q_- do not meet in the range"]
    lines = [", ".join(f"w = {point:.5g}" for point in found)]
    if fit and fit.symmetric_point:
        w, error = fit.symmetric_point
        lines.append(f"conductance {fit.centre + fit.half * w:.5g} +- {fit.half * error:.2g} (standard error)")
    return lines


def _member_lines(device: Characterised) -> list[str]:
    where = {"closed range": device.whole, f"inner {int(100 * INSIDE)} % of it": device.inside}
    return [
        f"{place}: holds, {float(found.q_min):.3g} <= q <= {float(found.q_max):.3g}"
        if found.holds
        else f"{place}: does not hold, {_rounded(found)}"
        for place, found in where.items()
    ]


def _rounded(found: Membership) -> str:
    """The reason, its point in few digits."""
    point = str(found.offending)
    return found.reason.replace(point, f"{float(found.offending):.5g}") if found.offending is not None else found.reason


def _bias_lines(made: Page) -> list[str]:
    bias, problem = made.device.bias(made.problem), made.problem
    where = "at the bound" if bias.bound else "at the root of T (42)"
    lines = [
        f"on f = h (w - w*)^2/2, h = {problem.curvature:g}, w* = {bias.w_star:.5g} ({100 * problem.w_star:g} % of the "
        f"range), gradient noise of std {problem.noise:g} h ranges:",
        f"settles at {bias.settles:.5g}, {where}: a bias of {100 * bias.in_ranges:+.3g} % of the range",
    ]
    if bias.w_tilde is not None:
        lines.append(f"Wt* (43), which Theorem 1 takes: {bias.w_tilde:.5g}")
    if bias.others:
        lines.append(f"other roots: {', '.join(f'{root:.5g}' for root in bias.others)}")
    return lines


def _limit_lines(limit: Limit, fit: Fit | None) -> list[str]:
    critical, bears = limit.critical, "stops" if limit.stops else "does not stop"
    lines = [
        f"on Figure 2's data it stops converging at |R(0)| > r_c = {critical.ratio:.4f} (samples one by one, exact "
        f"labels, small steps, slow transfer; proved: r_c >= {critical.lower:.4f})",
        f"|R(0)| of this device is {limit.asymmetry:.3g}: Tiki-Taka {bears} converging there",
    ]
    if limit.window:
        at = (
            ""
            if fit is None
            else ", conductance {:.4g} to {:.4g}".format(*(fit.centre + fit.half * w for w in limit.window))
        )
        lines.append("|R| <= r_c while the residual array's zero lies in [{:.4g}, {:.4g}]".format(*limit.window) + at)
    return lines


def _fit_lines(fit: Fit) -> list[str]:
    width = 2 * fit.half
    lines = [
        f"{fit.curve.pulse.size} readings, {fit.pulses_up} pulses up first; noise of a reading {fit.noise:.3g}, "
        f"{100 * fit.noise / width:.2g} % of the range",
        f"best: {fit.best.family.name}, q = {fit.best.family.formula}",
    ]
    for trial in fit.trials:
        verdict = "rejected" if trial.rejected else "fits"
        far = "; its range is not in the data" if trial.reach > REACH else ""
        lines.append(
            f"  {trial.family.name}: {verdict}, rms {trial.rms:.4g}, p = {trial.p_value:.2g}, BIC {trial.bic:.1f}, "
            f"{trial.parameters} parameters{far}"
        )
    lines.append(f"a family that is right is rejected in {100 * fit.level:g} % of measurements with independent noise")
    if fit.best.rejected:
        lines.append("even the spline leaves structure; does cycle variation add up along the curve?")
    return lines


def _snippet_lines(found: Mapping[str, Any]) -> list[str]:
    note = [] if found["exact"] else ["no class has this response; linear between 33 of its points:"]
    return [*note, *found["snippet"].splitlines()]
