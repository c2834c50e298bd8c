"""The command line `analog-theory`. Whatever takes long to import is imported by the command that needs it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, CycloptsError, Parameter

from .console import print_json

if TYPE_CHECKING:
    from .lesson import Lesson
    from .pipeline import Finished
    from .tasks import Job

Depth = Literal["default", "full"]
Switch = Annotated[bool, Parameter(negative=())]
_ERROR, _USAGE, _INTERRUPTED = 1, 2, 130


def _version() -> str:
    from importlib.metadata import version

    return version("analog-theory")


app = App(
    name="analog-theory",
    help="What the theory of gradient descent on analog hardware guarantees, derived, checked and drawn by machine.",
    version=_version,
    help_format="markdown",
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)


def main() -> None:
    """Run the command line and exit: 0 whatever the verdicts, 1 on an error, 2 on a usage error."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run the command line with these arguments and return its exit status."""
    try:
        return app(list(arguments), exit_on_error=False, print_error=True) or 0
    except CycloptsError:
        return _USAGE
    except KeyboardInterrupt:
        print("Interrupted. What was finished is kept; the same command continues from there.", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return _ERROR
    except Exception as error:
        return _explained(error)


def _explained(error: Exception) -> int:
    from .catalogue import UnknownNameError

    print(f"Error: {error}" if str(error) else f"Error: {error!r}", file=sys.stderr)
    return _USAGE if isinstance(error, UnknownNameError) else _ERROR


@app.command
def reproduce(*, out: Path = Path(), depth: Depth = "default", workers: int | None = None, seed: int = 0) -> int:
    """Derive, check, draw and report everything.

    Writes `paper_repro.md` and `figures/rendered/` under OUT. What is finished is kept in `.analog-theory/`, so that an
    interrupted run continues where it was.

    Parameters
    ----------
    out
        Folder that results go to.
    depth
        How much work: `default` takes minutes, `full` ten times the search and larger simulations.
    workers
        Worker processes; as many as there are cores if not given.
    seed
        Seed of the searches for counterexamples.
    """
    from .pipeline import reproduce

    job = _job(out, depth, seed)
    finished = reproduce(job, _workers(workers))
    print(job.out / "paper_repro.md")
    return _told_failures(finished)


@app.command
def verify(
    *id: str,
    json: Switch = False,
    depth: Depth = "default",
    out: Path = Path(),
    workers: int | None = None,
    seed: int = 0,
) -> int:
    """Settle statements: verdict, method and evidence.

    Without an id it settles all. The exit status is 0 whatever the verdicts.

    Examples: `analog-theory verify lemma-3`, `analog-theory verify eq-4 eq-5 --json`

    Parameters
    ----------
    id
        The paper's ids, such as `lemma-3` or `eq-17`; `list` prints them.
    json
        Print a list of objects for a program to read.
    depth
        How much work the search for counterexamples may take.
    out
        Folder whose store keeps the verdicts.
    workers
        Worker processes; as many as there are cores if not given.
    seed
        Seed of the searches for counterexamples.
    """
    from .pipeline import verify

    job = _job(out, depth, seed)
    finished = verify(job, job.catalogue.statement_ids(id), _workers(workers))
    if json:
        print_json(list(finished.records.values()))
    else:
        from .telling import verdict_lines

        print("\n\n".join(verdict_lines(record) for record in finished.records.values()))
    return _told_failures(finished)


@app.command
def show(id: str, /, *, json: Switch = False, out: Path = Path()) -> int:
    """Show one statement: formula, source, where it is stated, what it uses and what uses it.

    Example: `analog-theory show eq-17`

    Parameters
    ----------
    id
        An id of the paper, such as `eq-17`.
    json
        Print one object for a program to read.
    out
        Folder whose store has the last verdict.
    """
    from .telling import fact_lines, facts

    found = facts(_job(out), id)
    if json:
        print_json(found)
    else:
        print(fact_lines(found))
    return 0


@app.command
def explain(
    id: str,
    /,
    *,
    figure: Switch = False,
    json: Switch = False,
    out: Path = Path(),
    depth: Depth = "default",
    seed: int = 0,
) -> int:
    """Explain one statement, step by step and with numbers.

    What is claimed and assumed, how it is proved or where it fails, what holds instead, what it rests on, what uses it.
    What the store lacks of the statement and of all that it rests on is settled first, which can take minutes for a
    theorem; after `reproduce` it lacks nothing. Verdicts of what uses the statement are those in the store.

    Example: `analog-theory explain lemma-3 --figure`

    Parameters
    ----------
    id
        An id of the paper, such as `lemma-3`, or of an amendment.
    figure
        Draw it too: the claim along a line, where that tells something, and the statements around it, as a PNG under
        OUT/figures/explain/.
    json
        Print one object for a program to read.
    out
        Folder whose store keeps the verdicts.
    depth
        How much work the search for counterexamples may take.
    seed
        Seed of the searches for counterexamples.
    """
    from .lesson import NO_PICTURE, lesson, picture

    job = _job(out, depth, seed)
    made = lesson(job, id)
    if made.told is None:
        return _told_failures(made)
    path = picture(job, made) if figure else None
    if json:
        print_json({**made.told.told(), "figure": str(path) if path else None})
    else:
        from .console import article

        seen = [("Picture", [str(path) if path else NO_PICTURE])] if figure else []
        article(made.told.headline, [*made.told.sections, *seen])
    return _told_failures(made)


@app.command
def recheck(*id: str, json: Switch = False, out: Path = Path()) -> int:
    """Recheck certificates, which `verify` and `reproduce` leave in OUT/certificates/, apart from what made them.

    Exact parts are redone with fractions of the standard library alone, a solver's results by cvc5 where that is
    installed. With an id it takes also what the proof relies on, without one all. The exit status is 1 where a check
    fails.

    Examples: `analog-theory recheck lemma-3`, `analog-theory recheck --json`

    Parameters
    ----------
    id
        The paper's ids, such as `lemma-3` or `eq-17`; `list` prints them.
    json
        Print a list of objects for a program to read.
    out
        Folder that has the certificates.
    """
    from .certificates import counted, kept, rechecked
    from .console import table

    job = _job(out)
    found = rechecked(kept(job.out, job.catalogue.statement_ids(id) if id else ()))
    if json:
        print_json(found)
    else:
        columns = ("id", "verdict", "recheck", "checks")
        table(columns, [(one["id"], one["verdict"], one["result"], counted(one["checks"])) for one in found])
    return _ERROR if any(one["result"] == "fails" for one in found) else 0


@app.command
def figure(
    *name: str, out: Path = Path(), depth: Depth = "default", workers: int | None = None, json: Switch = False
) -> int:
    """Compute and draw figures, as PNG and PDF under OUT/figures/rendered/.

    Without a name it draws all.

    Examples: `analog-theory figure 2`, `analog-theory figure 1 theorem-1 --out results`

    Parameters
    ----------
    name
        `1`, `2`, `3`, `6` as in the paper, or another name that `list` prints, such as `theorem-1`.
    out
        Folder that results go to.
    depth
        How large the simulations are.
    workers
        Worker processes; as many as there are cores if not given.
    json
        Print a list of objects, one a figure: its files and what its data says of the paper's claims; for figure 2 one
        a curve, with its plateau.
    """
    from .pipeline import draw

    job = _job(out, depth)
    names = job.catalogue.figure_names(name or job.catalogue.figures)
    finished = draw(job, names, _workers(workers))
    from .telling import figure_lines, figure_objects

    if json:
        print_json([told for record in finished.records.values() for told in figure_objects(record)])
    else:
        print("\n\n".join(figure_lines(record, job.out) for record in finished.records.values()))
    return _told_failures(finished)


@app.command
def device(
    name: str | None = None,
    /,
    *,
    w_star: float = 0.75,
    noise: float = 0.1,
    curvature: float = 1.0,
    out: Path = Path(),
    json: Switch = False,
) -> int:
    """Characterise a device: a known one by its name, or a measured one by its response curve in a CSV file.

    Response functions, symmetric point, Definition 1, where Analog SGD settles, from what asymmetry Tiki-Taka stops
    converging, and the device of AIHWKit; a PNG goes to OUT/figures/devices/. Without a name it lists the known ones.

    Examples: `analog-theory device ReRamES`, `analog-theory device curve.csv --noise 0.2`

    Parameters
    ----------
    name
        A known device, or a CSV file: pulse number and conductance, up pulses first and then down pulses.
    w_star
        Where in the range the minimiser of the one-weight problem lies that the bias is predicted on, from 0 to 1.
    noise
        Standard deviation of its gradient noise, in units of its curvature times the range.
    curvature
        Its curvature h.
    out
        Folder that the picture goes to.
    json
        Print one object, or the list of known devices, for a program to read.
    """
    from .console import article, table
    from .device_page import LISTED, Problem, listing, page, picture, row, sections, told

    if name is None:
        found = listing()
        if json:
            print_json(found)
        else:
            table(LISTED, [row(one) for one in found])
        return 0
    made = page(name, Problem(curvature, w_star, noise))
    path = picture(made, out.resolve())
    if json:
        print_json({**told(made), "figure": str(path)})
    else:
        article(made.headline, sections(made, path))
    return 0


app.command("analog_theory.report.predict:predict", name="predict")


@app.command(name="list")
def list_(*, json: Switch = False, out: Path = Path()) -> int:
    """List statements and figures with their last verdict.

    Parameters
    ----------
    json
        Print a list of objects for a program to read.
    out
        Folder whose store has the verdicts.
    """
    from .console import table
    from .telling import listed

    rows = listed(_job(out))
    if json:
        print_json(rows)
    else:
        shown = [(row["id"], row["source"], row["title"], row["verdict"]) for row in rows]
        table(("id", "source", "claim", "last verdict"), shown)
    return 0


def _job(out: Path, depth: Depth = "default", seed: int = 0) -> Job:
    from .tasks import Job

    return Job(out.resolve(), depth, seed)


def _workers(wanted: int | None) -> int:
    from .catalogue import UnknownNameError
    from .workers import usable_cores

    if wanted is not None and wanted < 1:
        raise UnknownNameError(f"workers={wanted}: must be at least 1")
    return wanted or usable_cores()


def _told_failures(finished: Finished | Lesson) -> int:
    for label, message in finished.failures.items():
        print(f"Error: {label}: {message}", file=sys.stderr)
    return _ERROR if finished.failures else 0
