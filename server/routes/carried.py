"""Carried files from the trainer's console: what phones without a network wrote down. docs/carry.md."""

import asyncio
import base64

from fastapi import APIRouter, Request

from server import errors
from server.exchange.carried import Applied, FromDevice, apply
from server.problems import refusals
from server.reports.conflicts import named
from server.routes.given import Given, SameOrigin, Trainer, body_of
from server.shapes.carried import CarriedDevice, CarriedReport
from server.shapes.common import Named
from sync import errors as sync
from sync.carried import Carried, Kind, read_carried
from sync.limits import CARRIED_BYTES_MAX

router = APIRouter(dependencies=[SameOrigin])
_FILE = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


@router.post(
    "/carried",
    responses=refusals(errors.CrossOrigin, errors.BodyTooLarge, sync.NotCarried, sync.UnsupportedVersion),
    openapi_extra={"requestBody": {"required": True, "description": "A carried file of requests.", **_FILE}},
)
async def apply_carried(who: Trainer, http: Request, parts: Given) -> CarriedReport:
    """Takes in a carried file of this organisation's phones. Again changes nothing; the replies go back by file."""
    body = await body_of(http, bytes_max=CARRIED_BYTES_MAX)
    carried = await asyncio.to_thread(read_carried, body)
    if carried.kind is not Kind.REQUESTS:
        raise sync.NotCarried("This file holds replies, which phones take in. Bring the files that come from phones.")
    applied = await apply(parts.exchange, parts.database, carried.parts, organisation=who.organisation_id)
    with parts.database.reading() as session:
        return _report(carried, applied, named(session, {of.learner for of in applied.devices}))


def _report(carried: Carried, applied: Applied, names: dict[str, Named]) -> CarriedReport:
    return CarriedReport(
        devices=[_device(of, names.get(of.learner)) for of in applied.devices],
        is_whole=carried.is_whole,
        damaged=carried.damaged,
        unreadable=applied.unreadable,
        unanswered=applied.unanswered,
        replies=base64.b64encode(applied.replies).decode(),
    )


def _device(of: FromDevice, learner: Named | None) -> CarriedDevice:
    counted = {name: getattr(of, name) for name in CarriedDevice.model_fields if name != "learner"}
    return CarriedDevice(learner=learner, **counted)
