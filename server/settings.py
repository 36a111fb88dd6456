"""Everything that a person may set, from the environment (`TIFFIN_…`); the defaults serve one machine."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

REPOSITORY = Path(__file__).parent.parent


class Settings(BaseSettings):
    """The settings of one server. Made once, at the start, and passed on; nothing else reads the environment."""

    model_config = SettingsConfigDict(env_prefix="TIFFIN_", frozen=True, extra="ignore")

    home: Path = Field(Path("tiffin-data"), description="Where everything is kept: database, objects, keys.")
    database_url: str = Field("", description="SQLite in the home folder when empty; postgresql://… else.")
    objects_url: str = Field(
        "",
        pattern=r"^(s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?)?$",
        description="s3://BUCKET/PREFIX; the folder `objects` of the home folder when empty.",
    )
    objects_endpoint: str = Field(
        "", pattern=r"^(https?://.+)?$", description="Who speaks S3, when it is not AWS; AWS_ENDPOINT_URL else."
    )
    objects_redirect: bool = Field(
        False, description="Send phones to the bucket for media, by addresses that are signed for an hour."
    )
    redis_url: str = Field(
        "", pattern=r"^(rediss?://.+)?$", description="Rate limits are counted there when set, else in this process."
    )
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="The port to listen on.")
    public_url: str = Field(
        "", pattern=r"^(https?://.+)?$", description="How phones reach this server; http://localhost:PORT when empty."
    )
    pwa_folder: Path = Field(REPOSITORY / "pwa" / "dist", description="The built app.")
    push_contact: str = Field(
        "mailto:administrator@localhost.invalid", description="Whom a push service may write to (RFC 8292, sub)."
    )
    push_allow_local: bool = Field(False, description="Let push go to this machine and without TLS: tests, hubs.")
    uplink_seconds: float = Field(300, gt=0, description="At a hub: how often it goes up to its upstream.")
    disk_free_bytes_min: int = Field(200 << 20, description="Below this the server says that it is not ready.")
    log_level: str = Field(
        "INFO", pattern="^(?i:debug|info|warning|error)$", description="DEBUG, INFO, WARNING or ERROR."
    )

    @property
    def database(self) -> str:
        """The URL as SQLAlchemy takes it: psycopg 3 for PostgreSQL, whatever way it was written."""
        url = self.database_url or f"sqlite:///{self.home.absolute() / 'tiffin.db'}"
        for written in ("postgres://", "postgresql://"):
            if url.startswith(written):
                return "postgresql+psycopg://" + url.removeprefix(written)
        return url

    @property
    def bucket(self) -> tuple[str, str]:
        """The bucket's name, "" for a folder; and what comes before the objects' names in it."""
        at = urlsplit(self.objects_url)
        prefix = at.path.strip("/")
        return at.netloc, f"{prefix}/" if prefix else ""

    @property
    def address(self) -> str:
        """The public address, without a slash at its end."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def is_https(self) -> bool:
        return urlsplit(self.address).scheme == "https"
