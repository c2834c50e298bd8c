"""The symbol table: the one home of the words and letters that formulas are printed with.

Each row pairs the paper's letter with the name used in code, its meaning, unit and domain. Statements build their
formulas from `symbol(name)`, so a formula's LaTeX, its line in the report and its legend come from the same row.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import sympy as sp
from sympy.printing.str import StrPrinter


@dataclass(frozen=True)
class Row:
    """One symbol: code name, LaTeX, meaning, unit and domain (SymPy assumptions)."""

    name: str
    latex: str
    meaning: str
    unit: str = "1"
    domain: str = "real"


_TABLE = (
    Row("w", "w", "weight of one resistive element", "conductance"),
    Row("dw", r"\Delta w", "wanted increment of a weight", "conductance"),
    Row("dw_other", r"\Delta w'", "a second wanted increment", "conductance"),
    Row("q_plus", "q_+", "response to an up pulse at w", "1", "positive"),
    Row("q_minus", "q_-", "response to a down pulse at w", "1", "positive"),
    Row("q_min", r"q_{\min}", "lower bound of the responses", "1", "positive"),
    Row("q_max", r"q_{\max}", "upper bound of the responses", "1", "positive"),
    Row("F", "F", "symmetric part of the response", "1"),
    Row("G", "G", "asymmetric part of the response", "1"),
    Row("F_max", r"F_{\max}", "bound of the symmetric part", "1", "positive"),
    Row("tau", r"\tau", "radius of the dynamic range", "conductance", "positive"),
    Row("c_lin", r"c_{\mathrm{lin}}", "slope asymmetry of the linear response", "1"),
    Row("gamma_res", r"\gamma_{\mathrm{res}}", "shape of the power or exponential response", "1", "positive"),
    Row("w_sp", r"w^\diamond", "symmetric point", "conductance"),
    Row("w_star", "w^*", "minimiser of the objective", "conductance"),
    Row("alpha", r"\alpha", "learning rate", "1", "positive"),
    Row("beta", r"\beta", "transfer rate", "1", "positive"),
    Row("gamma", r"\gamma", "mixing coefficient of the residual array", "1"),
    Row("mean_abs_g", r"\mathbb{E}|g|", "first absolute moment of the stochastic gradient", "loss/conductance"),
    Row("g", "g", "stochastic gradient in one coordinate", "loss/conductance"),
    Row(
        "Sigma", r"\Sigma", "first absolute moment of the gradient at the minimiser", "loss/conductance", "nonnegative"
    ),
    Row("sigma", r"\sigma", "standard deviation of the gradient noise", "loss/conductance", "nonnegative"),
    Row("h", "h", "curvature of the objective in one coordinate", "loss/conductance^2", "positive"),
    Row("L", "L", "smoothness constant", "loss/conductance^2", "positive"),
    Row("mu", r"\mu", "strong convexity constant", "loss/conductance^2", "positive"),
    Row("delta", r"\delta", "distance of the symmetric point from the minimiser", "conductance", "positive"),
    Row("W_max", r"W_{\max}", "bound of the weights during training", "conductance", "positive"),
    Row("M_P", r"M_{\min}^{\mathrm{RL}}", "lower bound of the saturation of the residual array", "1", "positive"),
    Row("M_W", r"M_{\min}^{W}", "lower bound of the saturation of the main array", "1", "positive"),
    Row("C", "C", "weight of the main array's error in the Lyapunov function", "loss/conductance^2", "positive"),
    Row("V_0", "V_0", "Lyapunov function at the start", "loss", "positive"),
    Row("K", "K", "number of steps", "1", "positive"),
    Row("E_K", r"E_K^{\mathrm{RL}}", "convergence metric of Residual Learning", "(loss/conductance)^2", "nonnegative"),
    Row("S_K", r"S_K^{\mathrm{RL}}", "amplification factor of the residual array", "1", "nonnegative"),
    Row("L_S", "L_S", "Lipschitz constant of G/sqrt(F) at 0", "1/conductance", "nonnegative"),
    Row("C_plus", "C_+", "centre of the range of the responses that the increments select", "1", "positive"),
    Row("C_minus", "C_-", "radius of the range of the responses that the increments select", "1", "nonnegative"),
    Row("q_s", "q_s", "response to a pulse of the increment's sign", "1", "positive"),
    Row("e", "e", "distance of the residual array from its optimal point, in one coordinate", "conductance"),
    Row("P_opt", "P^*", "optimal residual array, in one coordinate", "conductance"),
    Row("P_next", "P_{k+1}", "residual array after its update, in one coordinate", "conductance"),
    Row("miss", r"(P_{k+1} - P^*)", "distance of the updated residual array from the optimal one", "conductance"),
    Row("u_opt", "u^*", "increment that the transfer would take from the optimal residual", "conductance"),
    Row("u_next", "u", "increment that the transfer takes from the residual array, over beta", "conductance"),
    Row("q_here", "q", "response that the optimal residual meets", "1", "positive"),
    Row("q_back", "q'", "response to the opposite sign", "1", "positive"),
    Row("shift", r"\Delta W", "move of the main array in one step", "conductance"),
    Row("grad", r"\nabla f", "gradient in one coordinate", "loss/conductance"),
    Row("xi", r"\xi", "noise of a sample gradient in one coordinate", "loss/conductance"),
    Row("mean_xi", r"\mathbb{E}\xi", "mean of the noise in one coordinate, which is 0", "loss/conductance"),
    Row("variance", r"\mathbb{E}\|\xi\|^2", "total variance of the gradient", "(loss/conductance)^2"),
    Row("sigma2", r"\sigma^2", "bound of the total variance of the gradient", "(loss/conductance)^2"),
    Row("ratio_max", r"\|G/\sqrt{F}\|_\infty^2", "largest entry of G^2/F", "1", "nonnegative"),
    Row("deviation", r"(\Delta W + \alpha\,\xi F)", "step without the noise through F", "conductance"),
    Row("S", "S_K", "amplification factor", "1", "nonnegative"),
    Row("M_min", r"M_{\min}", "lower bound of the saturation", "1", "positive"),
    Row("dw_min", r"\Delta w_{\min}", "response granularity", "conductance", "positive"),
    Row("sign", "s", "polarity of the pulses, +1 or -1", "1", "nonzero"),
    Row("BL", r"\mathrm{BL}", "number of pulses of an increment", "1", "nonnegative"),
    Row("sent", "D", "BL dw_min, what the pulses send", "conductance", "nonnegative"),
    Row("sigma_c", r"\sigma_c", "cycle variation", "1", "nonnegative"),
    Row("dq_s", "q_s'", "derivative of the response that the pulses meet", "1/conductance"),
    Row("d2q_s", "q_s''", "second derivative of that response", "1/conductance^2"),
)


@cache
def _rows() -> dict[str, Row]:
    return {row.name: row for row in _TABLE}


def row(name: str) -> Row | None:
    """The table's row for a code name, or None for a symbol that only one statement uses."""
    return _rows().get(name)


@cache
def symbol(name: str, domain: str | None = None) -> sp.Symbol:
    """The SymPy symbol of a code name, with the table's domain unless another is given.

    `domain` is a SymPy assumption: "real", "positive", "nonnegative", "nonzero".
    """
    found = row(name)
    domain = domain or (found.domain if found else "real")
    return sp.Symbol(name, **{"real": True, domain: True})


def latex(expression: sp.Basic) -> str:
    """LaTeX of an expression with the paper's letters; a name that only extends one of the table gets a mark."""
    return str(sp.latex(expression, symbol_names={s: _letter(s.name) for s in expression.free_symbols}))


def _letter(name: str) -> str:
    """The table's letter; for `q_plus_left`, that of `q_plus` with a mark; for other words, upright text."""
    stem, mark = name, ""
    while stem and stem not in _rows():
        stem, _, last = stem.rpartition("_")
        mark = rf"{last}\ {mark}" if mark else last
    if not stem:
        return str(sp.latex(sp.Symbol(name))) if len(name.split("_")[0]) == 1 else _upright(name.replace("_", r"\ "))
    letter = _rows()[stem].latex
    if not mark:
        return letter
    return f"{letter}_{{{mark}}}" if mark.isdigit() else f"{{{letter}}}^{{{_upright(mark)}}}"


def _upright(words: str) -> str:
    return rf"\mathrm{{{words}}}"


class PlainPrinter(StrPrinter):  # type: ignore[misc]  # SymPy is untyped
    """SymPy's text with relations and logic as one reads them."""

    def _print_Relational(self, relation: Any) -> str:
        sign = "=" if relation.rel_op == "==" else relation.rel_op
        return f"{self._print(relation.lhs)} {sign} {self._print(relation.rhs)}"

    def _print_And(self, formula: Any) -> str:
        return " and ".join(self._inner(part) for part in formula.args)

    def _print_Or(self, formula: Any) -> str:
        return " or ".join(self._inner(part) for part in formula.args)

    def _inner(self, part: Any) -> str:
        return f"({self._print(part)})" if isinstance(part, sp.And | sp.Or) else str(self._print(part))


def plain(expression: sp.Basic) -> str:
    """An expression, a relation or a condition as one line of text, in the names of the code."""
    return str(PlainPrinter().doprint(expression))
