"""The certificates of an output folder: a file for each verdict that is proved or refuted, and their recheck."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from .catalogue import UnknownNameError
from .console import steps
from .store import write_text

FOLDER = "certificates"


def keep(out: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write the certificate of each verdict, and remove that of one that is neither proved nor refuted any more."""
    from ..theory.certificate import certificate
    from ..theory.statement import Verdict

    for record in records:
        found = certificate(Verdict(**{field.name: record[field.name] for field in fields(Verdict)}))
        if found is None:
            _file(out, record["id"]).unlink(missing_ok=True)
        else:
            write_text(_file(out, record["id"]), json.dumps(found, ensure_ascii=False, indent=1) + "\n")


def _file(out: Path, id: str) -> Path:
    return out / FOLDER / f"{id}.json"


def kept(out: Path, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The certificates of these ids and of the rules and premises they rely on; all there are for no ids."""
    wanted = list(ids) or sorted(path.stem for path in (out / FOLDER).glob("*.json"))
    if not wanted:
        raise UnknownNameError(f"out={out}: must have certificates, which `analog-theory verify` and `reproduce` leave")
    found: dict[str, dict[str, Any]] = {}
    while wanted:
        id = wanted.pop(0)
        if id in found:
            continue
        path = _file(out, id)
        if path.is_file():
            found[id] = json.loads(path.read_text(encoding="utf-8"))
            wanted.extend(found[id]["relies_on"])
        elif id in ids:
            raise UnknownNameError(f"id={id!r}: has no certificate in {path.parent}; `analog-theory verify` leaves it")
        else:
            found[id] = {"id": id, "verdict": "", "checks": [], "lacks": [f"not in {path.parent}"]}
    return list(found.values())


def rechecked(certificates: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each certificate's id, verdict, result and checks: exact ones redone by fractions, others by cvc5 if there."""
    from ..theory.recheck import recheck
    from ..theory.solver import has_cvc5

    found = []
    with steps(len(certificates)) as progress:
        for certificate in certificates:
            results = recheck(certificate, _cvc5 if has_cvc5() else None)
            checks = [vars(result) for result in results]
            told = {"id": certificate["id"], "verdict": certificate["verdict"], "result": _result(checks)}
            found.append({**told, "checks": checks})
            progress.finished(certificate["id"], told["result"])
    return found


def _result(checks: Sequence[Mapping[str, Any]]) -> str:
    statuses = [check["status"] for check in checks]
    return next((status for status in ("fails", "needs a solver", "has no check") if status in statuses), "holds")


def _cvc5(text: str) -> str:
    from ..theory.outcome import Budget
    from ..theory.solver import cvc5

    query = "\n".join(line for line in text.splitlines() if not line.startswith(("(set-logic", "(check-sat")))
    try:
        return cvc5(query, Budget.default().rlimit)
    except RuntimeError as error:  # of a text that is none
        return f"{error}".strip()


def counted(checks: Sequence[Mapping[str, Any]]) -> str:
    """How many checks of which kind hold, and what does not, with the reason."""
    kinds = dict.fromkeys(check["kind"] for check in checks if check["status"] == "holds")
    held = [f"{sum(c['status'] == 'holds' and c['kind'] == kind for c in checks)} {kind}" for kind in kinds]
    others = [f"{c['name']}: {c['status']} {c['why']}".strip(": ") for c in checks if c["status"] != "holds"]
    return "; ".join([*held, *others])
