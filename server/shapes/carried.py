"""What came of a carried file: a trainer brings in what phones without a network wrote down."""

from pydantic import ConfigDict, Field

from server.shapes.common import Named, Shape


class CarriedDevice(Shape):
    """What one profile of one phone had in the file."""

    device: str = Field(examples=["a3" * 16])
    profile: int = Field(examples=[1])
    learner: Named | None = Field(description="Null when the phone is not known here.")
    requests: int = Field(examples=[1], description="Requests of this phone in the file.")
    new: int = Field(examples=[4], description="What entered the log: attempts, changes, batches of events.")
    placed: int = Field(examples=[0], description="What had waited until now for something in this file.")
    parked: int = Field(examples=[0], description="What is kept and waits for what it builds on.")
    quarantined: int = Field(examples=[0], description="What is kept for a person to look at.")
    later: int = Field(examples=[0], description="What the busy server did not take: apply the file again.")
    pictures: int = Field(examples=[1], description="Photographs that are whole here now.")
    pictures_early: int = Field(
        examples=[0], description="Photographs that no attempt here names yet: apply the file again after the answers."
    )
    refused: list[str] = Field(examples=[["device_unknown"]], description="Codes of docs/protocol.md.")


class CarriedReport(Shape):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "devices": [
                        {
                            "device": "a3" * 16,
                            "profile": 1,
                            "learner": {"id": "9f1c2b7d5e3a4811", "name": "Amina Yusuf"},
                            "requests": 1,
                            "new": 4,
                            "placed": 0,
                            "parked": 0,
                            "quarantined": 0,
                            "later": 0,
                            "pictures": 1,
                            "pictures_early": 0,
                            "refused": [],
                        }
                    ],
                    "is_whole": True,
                    "damaged": 0,
                    "unreadable": 0,
                    "unanswered": 0,
                    "replies": "iVRJRkZJTgoBAg==",
                }
            ]
        }
    )

    devices: list[CarriedDevice]
    is_whole: bool = Field(description="False: the file was cut short or damaged. Copy it again and bring it again.")
    damaged: int = Field(description="Parts that are not what was written.")
    unreadable: int = Field(description="Parts that are neither request nor photograph.")
    unanswered: int = Field(description="Replies that found no room; those phones hear at their next exchange.")
    replies: str = Field(description="The file to carry back to the phones, base64.")
