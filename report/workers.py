"""Tasks in worker processes, each in the same fixed environment: results do not depend on how many there are."""

from __future__ import annotations

import multiprocessing as mp
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from typing import Any, Protocol

from .tasks import Job

# Hash seed: sets keep one order. Ground types: SymPy prints the same with or without python-flint.
ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "SYMPY_GROUND_TYPES": "python",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MPLBACKEND": "Agg",
}
_POLL_SECONDS = 0.2


class Task(Protocol):
    """Work that a process can be handed."""

    @property
    def label(self) -> str:
        """What progress calls it."""

    def run(self, job: Job, progress: Callable[[float], object]) -> dict[str, Any]:
        """Do it and return its record."""


Outcome = dict[str, Any] | Exception
_messages: Any = None


def usable_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _begin(messages: Any) -> None:
    """Set up a worker: Ctrl-C is its parent's to handle, and it ends when its parent does."""
    global _messages
    _messages = messages
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if (parent := mp.parent_process()) is not None:
        parent.join()
        os._exit(1)


def _work(task: Task, job: Job) -> dict[str, Any]:
    return task.run(job, lambda fraction: _messages.put((task.label, float(fraction))))


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables for the processes that start meanwhile."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def run(
    tasks: Sequence[Task], job: Job, workers: int, progress: Callable[[str, float], object]
) -> Iterator[tuple[Task, Outcome]]:
    """Run the tasks, handing them out in order; yields each as it ends, with its record or with what went wrong.

    On Ctrl-C the workers are ended at once: what they had finished is in the store.
    """
    context = mp.get_context("spawn")
    messages = context.Queue()
    with _environment(ENVIRONMENT):
        pool = ProcessPoolExecutor(min(workers, len(tasks)), context, _begin, (messages,))
        try:
            yield from _ended({pool.submit(_work, task, job): task for task in tasks}, messages, progress)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in mp.active_children():
                process.terminate()
            raise
        finally:
            pool.shutdown()
            messages.close()


def _ended(
    futures: dict[Future[dict[str, Any]], Task], messages: Any, progress: Callable[[str, float], object]
) -> Iterator[tuple[Task, Outcome]]:
    pending = set(futures)
    while pending:
        done, pending = wait(pending, _POLL_SECONDS, FIRST_COMPLETED)
        _tell(messages, progress)
        for future in done:
            error = future.exception()
            if error is not None and not isinstance(error, Exception):
                raise error
            yield futures[future], error or future.result()


def _tell(messages: Any, progress: Callable[[str, float], object]) -> None:
    while True:
        try:
            progress(*messages.get_nowait())
        except queue.Empty:
            return
