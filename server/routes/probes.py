"""For machines that watch: is it alive, is it ready, what does it count."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from server.routes.given import Given
from server.shapes.health import Live, Ready

router = APIRouter(tags=["health"])


@router.get("/livez")
def alive() -> Live:
    """Answers whatever else is broken: only a dead process fails it."""
    return Live()


@router.get("/readyz", responses={503: {"model": Ready, "description": "Something is missing; the checks say what."}})
def ready(parts: Given, response: Response) -> Ready:
    """Can this server take work: a write, the schema, room on the disk, and consumers that keep up."""
    found = parts.health.check()
    response.status_code = 200 if found.ready else 503
    response.headers["Cache-Control"] = "no-store"
    return found


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Prometheus text."}},
)
def metrics(parts: Given) -> Response:
    """Counts by organisation and reason, never by learner or device."""
    return Response(parts.metrics.exposition(), media_type=CONTENT_TYPE_LATEST)
