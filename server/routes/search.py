"""The catalogue, for whoever signs in to a console of this server or hub."""

from typing import Annotated

from fastapi import APIRouter, Query

from server import errors
from server.problems import refusals
from server.routes.given import Given, Trainer
from server.search.asking import HITS_MAX, Entry, Question, Term, terms_of
from server.search.snippets import snippet
from server.shapes.search import Found, FoundList, SnippetPiece

QUESTION_CHARACTERS_MAX = 200

router = APIRouter(prefix="/v1", tags=["trainer"], responses=refusals(errors.NotSignedIn))


@router.get("/search")
def search(
    who: Trainer,
    parts: Given,
    q: Annotated[str, Query(max_length=QUESTION_CHARACTERS_MAX, examples=["drinking water"])],
    language: Annotated[str, Query(max_length=16, description="Only texts in this language.")] = "",
    course: Annotated[str, Query(max_length=48, description="Only this course.")] = "",
    limit: Annotated[int, Query(ge=1, le=HITS_MAX)] = 20,
) -> FoundList:
    """Courses and activities of the published releases that have all these words, in any language and script."""
    question = Question(terms_of(q), language, course, limit)
    entries = parts.readying.filling.catalogue.search(who.organisation_id, question)
    return FoundList(found=[_found(entry, question.terms) for entry in entries])


def _found(entry: Entry, terms: tuple[Term, ...]) -> Found:
    pieces = [SnippetPiece(text=piece.text, is_hit=piece.is_hit) for piece in snippet(entry.body, terms)]
    return Found(
        course=entry.course,
        number=entry.number,
        lesson=entry.lesson,
        activity=entry.activity,
        kind=entry.kind,
        language=entry.language,
        title=entry.title,
        snippet=pieces,
    )
