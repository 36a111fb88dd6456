"""Looks at every film of a course before anything is encoded: what each can become follows from what it is like."""

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from offline_bundles.course import read_course
from offline_bundles.errors import BrokenCourse, MediaError, Problem
from offline_bundles.media import Film, PlannedRung, open_film
from server.packs.noting import Looking

LOOKS = threading.BoundedSemaphore(os.cpu_count() or 1)  # films looked at at a time, whichever packs they are of
Place = tuple[str, str]  # a source's digest and a rung's name, as `LeftOut` has them


@dataclass(frozen=True, slots=True)
class FilmRung:
    """A file to be made of a film."""

    film: Film
    rung: PlannedRung

    @property
    def place(self) -> Place:
        return self.film.digest, self.rung.name


def look(folder: Path, cache: Path, noting: Looking) -> list[FilmRung]:
    """What the course's films become, each film once; what comes first before all else.

    Raises `BrokenCourse` with every film that is none.
    """
    problems: list[Problem] = []
    films = _opened(folder, cache, noting, problems)
    rungs = _planned(films, noting, problems)
    if problems:
        raise BrokenCourse(problems)
    return sorted(rungs, key=lambda each: not each.rung.first)


def _opened(folder: Path, cache: Path, noting: Looking, problems: list[Problem]) -> Mapping[str, Film]:
    """By the activity that comes first with it: a film that stands in two places is made once."""
    videos = [activity for activity in read_course(folder).activities if activity.kind == "video"]
    films: dict[str, Film] = {}
    known: set[str] = set()
    for number, activity in enumerate(videos):
        noting.opened(number, of=len(videos))
        try:
            film = open_film(activity.source, cache=cache, progress=noting.step)
        except MediaError as error:
            problems.append(Problem(activity.id, str(error)))
            continue
        if film.digest not in known:
            known.add(film.digest)
            films[activity.id] = film
    noting.opened(len(videos), of=len(videos))
    return films


def _planned(films: Mapping[str, Film], noting: Looking, problems: list[Problem]) -> list[FilmRung]:
    noting.to_look(sum(film.unseen_ms for film in films.values()))
    rungs: list[FilmRung] = []
    for activity, film in films.items():
        unseen_ms = film.unseen_ms
        try:
            with LOOKS:
                rungs += [FilmRung(film, rung) for rung in film.plan()]
        except MediaError as error:
            problems.append(Problem(activity, str(error)))
        noting.looked(unseen_ms)
    return rungs
