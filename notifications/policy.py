"""Who is told what: pure rules, no clock, no network.

A learner's data is prepaid, so a notification must be worth its bytes: two topics, once for each subject, a few a day.
What is not told is not lost: the app shows it at its next exchange.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

PER_DAY_MAX = 3  # for each profile of each device; more is noise, and people switch noise off
DAY_MS = 86_400_000
NEWS_AGE_MS_MAX = 3 * DAY_MS  # a log that is read again from its start must not tell last year's news
TITLE_CHARACTERS_MAX = 120  # Android shows about 65; the payload must stay below one push record of 4 KB
ATTEMPTS_MAX = 6
# After each failure a longer rest, so that a push service that is down for a night is tried again in the morning.
REST_MS = (0, 60_000, 300_000, 1_800_000, 7_200_000, 28_800_000)


class Topic(StrEnum):
    GRADE_IN = "grade_in"
    RELEASE_OUT = "release_out"


class Outcome(StrEnum):
    """What a push service answered."""

    SENT = "sent"
    GONE = "gone"  # 404 or 410: the subscription has ended (RFC 8030, 7.3)
    LATER = "later"  # 429, 5xx, no answer
    REFUSED = "refused"  # any other answer: it will be the same again


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened to a learner. `subject` names it: one submission, one release of one course."""

    topic: Topic
    subject: str
    course: str
    title: Mapping[str, str]
    at_ms: int


@dataclass(frozen=True, slots=True)
class Told:
    topic: str
    subject: str
    at_ms: int


def worth_telling(news: News, told: Iterable[Told], now_ms: int) -> bool:
    """Fresh, not told before, and within the day's bound. `told` is what this profile's device was told."""
    if now_ms - news.at_ms > NEWS_AGE_MS_MAX:
        return False
    before = list(told)
    if any((each.topic, each.subject) == (news.topic, news.subject) for each in before):
        return False
    return sum(now_ms - each.at_ms < DAY_MS for each in before) < PER_DAY_MAX


_WORDS = {
    Topic.GRADE_IN: {"en": "Your result is here: {title}", "ar": "وصلت نتيجتك: {title}"},
    Topic.RELEASE_OUT: {"en": "New in your course: {title}", "ar": "جديد في مقررك: {title}"},
}


def payload(news: News, language: str) -> str:
    """The JSON that the phone's service worker shows. No score: the screen of a shared phone is read by others."""
    chosen = language.partition("-")[0].lower()
    words = _WORDS[news.topic]
    title = news.title.get(language) or news.title.get(chosen) or next(iter(news.title.values()), news.course)
    shown = words.get(chosen, words["en"]).format(title=title[:TITLE_CHARACTERS_MAX])
    content = {
        "topic": news.topic.value,
        "title": shown,
        "url": f"/#/course/{news.course}",
        "tag": f"{news.topic.value}:{news.course}",
        "language": chosen if chosen in words else "en",
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def due_ms(created_ms: int, attempts: int) -> int:
    """When the next attempt is due, after so many that failed."""
    return created_ms + sum(REST_MS[: attempts + 1])


def gives_up(outcome: Outcome, attempts: int) -> bool:
    """Whether no attempt follows; `attempts` counts the one that has this outcome."""
    return outcome in (Outcome.GONE, Outcome.REFUSED) or attempts >= ATTEMPTS_MAX
