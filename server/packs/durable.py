"""The workflow that packs a course, on DBOS: each step is taken once and its result kept, whatever is killed.

This alone imports DBOS. The order: plan; every rung as a workflow of its own, the first ones first, as many at a time
as there are cores, whichever packs they are of; a release of the first ones, if it is to be published; then the release
of everything.

DBOS keeps its tables in a file of its own, or in a schema of its own beside the server's tables. One home has one
worker, so what was under way when a worker died is the next worker's from its first moment.
"""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID, WorkflowHandle

from server.packs.looking import Place
from server.packs.work import MADE_ELSEWHERE, Task, Work
from server.tables import PackState

# The shape of the workflow below: raise it when steps come, go or change places. What was begun in another shape is
# begun anew, and finds in the cache what was made.
SHAPE = "3"
EXECUTOR = "packing"
RUNGS = "rungs"
POLL_SECONDS = 0.2  # between two looks for the next rung: nothing beside the seconds that one takes
ATTEMPTS_MAX = 2  # of a rung: one more for what passes by itself, such as memory that was short
RECOVERIES_MAX = 1_000  # what ends the process again and again is counted, and given up, in the rows (`asking`)
OUR_FAULT = "Something went wrong here; packing.log has it. Pack it again."
log = logging.getLogger(__name__)
Run = Callable[[str], None]


@contextmanager
def durable(work: Work, *, url: str, schema: str) -> Iterator[Run]:
    """Gives what runs one pack to its end, from where it stood. `url` is SQLAlchemy's; `schema` is PostgreSQL's."""
    config = DBOSConfig(
        name="tiffin",
        system_database_url=url,
        dbos_system_schema=schema,
        application_version=SHAPE,
        executor_id=EXECUTOR,
        log_level="CRITICAL",  # what fails is said in the rows, and by the worker
        console_log_level="CRITICAL",
        notification_listener_polling_interval_sec=POLL_SECONDS,
    )
    DBOS(config=config)
    pack = _registered(work)
    DBOS.launch()
    try:
        DBOS.register_queue(RUNGS, worker_concurrency=os.cpu_count() or 1, polling_interval_sec=POLL_SECONDS)
        yield lambda pack_id: _run(work, pack, pack_id)
    finally:
        DBOS.destroy(destroy_registry=True)


def _run(work: Work, pack: Callable[[str], None], pack_id: str) -> None:
    try:
        # One workflow for a pack: what is under way already is waited for, unless nobody here knows its shape.
        with SetWorkflowID(f"{pack_id}-{SHAPE}"):
            DBOS.start_workflow(pack, pack_id).get_result()
    except Exception as error:  # a fault of ours: it must not be met again at each start
        log.error("pack failed", exc_info=error, extra={"pack": pack_id})
        work.settle(pack_id, PackState.FAILED, OUR_FAULT)


def _registered(work: Work) -> Callable[[str], None]:
    """The workflow's functions, around the steps. By their names DBOS finds them after a restart."""

    @DBOS.workflow(name="rung", max_recovery_attempts=RECOVERIES_MAX)
    def rung(pack_id: str, position: int) -> str:
        why = ""
        for _ in range(ATTEMPTS_MAX):
            why = DBOS.run_step({"name": "make"}, work.make, pack_id, position)
            if why in ("", MADE_ELSEWHERE):
                break
        return why

    def enqueued(pack_id: str, task: Task) -> "WorkflowHandle[str]":
        # Packs take turns: the first rung of each before the second of any, so that none waits for all of another's.
        with SetEnqueueOptions(priority=1 + task.position):
            return DBOS.enqueue_workflow(RUNGS, rung, pack_id, task.position)

    def outcome(pack_id: str, task: Task, handle: "WorkflowHandle[str]") -> str:
        try:
            while (why := handle.get_result()) == MADE_ELSEWHERE:
                # Here, and not in the queue, where whoever waits would keep a core from whoever works.
                DBOS.run_step({"name": "wait"}, work.wait, pack_id, task.position)
                handle = enqueued(pack_id, task)
            return why
        except Exception as error:
            log.error("rung failed", exc_info=error, extra={"pack": pack_id, "rung": task.position})
            return OUR_FAULT

    @DBOS.workflow(name="pack", max_recovery_attempts=RECOVERIES_MAX)
    def pack(pack_id: str) -> None:
        planned = DBOS.run_step({"name": "plan"}, work.plan, pack_id)
        if planned is None:
            return
        started = [(task, enqueued(pack_id, task)) for task in (*planned.first, *planned.later)]

        def failed(tasks: Sequence[Task]) -> dict[Place, str]:
            outcomes = {task.place: outcome(pack_id, task, handle) for task, handle in started if task in tasks}
            return {place: why for place, why in outcomes.items() if why}

        reasons = failed(planned.first)
        if planned.publish and planned.later and not reasons:
            later = [task.place for task in planned.later]
            DBOS.run_step({"name": "first"}, work.release, pack_id, len(planned.first), {}, later)
        reasons |= failed(planned.later)
        made = len(started) - len(reasons)
        if DBOS.run_step({"name": "whole"}, work.release, pack_id, made, reasons, []) is not None:
            DBOS.run_step({"name": "settle"}, work.settle, pack_id, PackState.DONE)

    return pack
