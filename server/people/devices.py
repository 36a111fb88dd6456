"""Devices, within one organisation."""

from sqlalchemy import event
from sqlmodel import Session

from server import errors
from server.exchange.devices import Devices
from server.tables import Device
from server.tables.ids import now_ms


def one(session: Session, organisation_id: str, device_id: str) -> Device:
    device = session.get(Device, device_id)
    if device is None or device.organisation_id != organisation_id:
        raise errors.NotFound("device", device_id, "Go back to the list of devices.")
    return device


def revoke(session: Session, organisation_id: str, device_id: str, known: Devices) -> None:
    """Ends the device's right to exchange. Again changes nothing."""
    device = one(session, organisation_id, device_id)
    device.revoked_ms = device.revoked_ms or now_ms()
    session.add(device)
    event.listen(session, "after_commit", lambda _: known.forget(), once=True)
