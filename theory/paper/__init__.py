"""The paper's statements, in its own order and numbers: a module a section or appendix.

`registry` holds them all under their ids; `statement` registers one. Importing this package states everything; what the
index says needs a part that is not built yet is stated as pending.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib import import_module, resources

from ..registry import Registry
from ..statement import Pending

MODULES = (
    "rules",
    "convexity",
    "sections_1_2",
    "section_1_1",
    "section_3",
    "section_3_2",
    "section_3_2_claims",
    "section_4",
    "section_5",
    "section_6",
    "appendix_b",
    "appendix_b_rate",
    "appendix_b_tracking",
    "appendix_c",
    "appendix_c_proof",
    "appendix_d",
    "appendix_e",
    "appendix_f",
    "appendix_g",
    "appendix_g_proof",
    "appendix_g_update",
    "appendix_g_special",
    "appendix_h",
    "appendix_h_descent",
    "appendix_h_rate",
    "appendix_h_remark",
    "appendix_i_lemma_5",
    "appendix_i_lemma_6",
    "appendix_i_lemma_7",
    "appendix_i_lemma_7_terms",
    "appendix_i_lemma_7_end",
    "appendix_i_lyapunov",
    "appendix_i_descent",
    "appendix_i_residual",
    "appendix_i_metric",
    "appendix_i_rate",
    "appendix_i_theorem_3",
    "appendix_i_corollary",
    "appendix_i_exact",
    "appendix_j",
    "appendix_j_rate",
    "appendix_j_theorem",
    "appendix_k",
    "appendix_k_tables",
    "law_residual_bias",
    "law_critical_asymmetry",
    "law_residual_stability",
    "law_noisy_read_penalty",
    "law_analog_sgd_stationary",
    "law_residual_offset",
    "law_rates",
)


def index() -> list[dict[str, str]]:
    """The paper's ids as rows: id, same_as, kind, place, needs_verdict, needs_part."""
    with resources.files(__package__).joinpath("index.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _ids() -> Iterator[str]:
    for row in index():
        yield row["id"]
        yield from row["same_as"].split()


registry = Registry(ids=tuple(_ids()))
statement = registry.statement

for _module in MODULES:
    import_module(f"{__name__}.{_module}")


def _state_pending(row: dict[str, str]) -> None:
    def pending() -> Pending:
        return Pending(row["needs_part"])

    pending.__doc__ = f"A statement of the kind `{row['kind']}`, which waits for {row['needs_part']}."
    place = row["place"]
    statement(row["id"], source=place[0].upper() + place[1:])(pending)


for _row in index():
    if _row["needs_verdict"] == "yes" and _row["needs_part"] and _row["id"] not in registry:
        _state_pending(_row)
