"""Settings from the environment, one comment each; refuses to start unsafe in production."""

import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlparse

from aidtracker.errors import CannotStart

NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs"}


@dataclass(frozen=True)
class Settings:
    database_url: str = field(repr=False)  # sqlite:///path or postgresql://user:password@host:5432/name
    instance: Path  # folder of database, uploads and keys; made with mode 0700
    environment: str  # production, or development: reloader and debug pages
    admin_database_url: str = field(repr=False)  # the owner's rights for `migrate` on PostgreSQL; default: database_url
    trusted_proxies: int  # how many proxies in front set X-Forwarded-*; 0 trusts none
    argon2_memory_kib: int  # cost of a password hash, settable upwards
    jobs_in_web: bool  # run the job worker as a thread of the web process

    @property
    def is_development(self) -> bool:
        return self.environment == "development"

    @property
    def sqlite_path(self) -> Path | None:
        if not self.database_url.startswith("sqlite:"):
            return None
        return Path(self.database_url.removeprefix("sqlite:///"))


def load_settings(environ=os.environ) -> Settings:
    instance = Path(environ.get("AIDTRACKER_INSTANCE", "instance"))
    url = environ.get("DATABASE_URL", f"sqlite:///{instance}/aidtracker.db")
    environment = environ.get("AIDTRACKER_ENV", "production")
    if environment not in ("production", "development"):
        raise CannotStart(f"AIDTRACKER_ENV is {environment!r}: say production or development.")
    if urlparse(url).scheme not in ("sqlite", "postgresql"):
        raise CannotStart("DATABASE_URL must begin with sqlite:/// or postgresql://.")
    return Settings(
        database_url=url,
        instance=instance,
        environment=environment,
        admin_database_url=environ.get("DATABASE_ADMIN_URL", url),
        trusted_proxies=int(environ.get("AIDTRACKER_TRUSTED_PROXIES", "0")),
        argon2_memory_kib=max(19456, int(environ.get("AIDTRACKER_ARGON2_KIB", "19456"))),
        jobs_in_web=environ.get("AIDTRACKER_JOBS", "web") == "web",
    )


def prepare_instance(settings: Settings) -> None:
    """Makes the instance folder (0700) and refuses one that others can read or that is on a network disk."""
    os.umask(0o077)  # whatever is written from here on is the owner's alone
    settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    if stat.S_IMODE(settings.instance.stat().st_mode) & 0o077:
        raise CannotStart(
            f"{settings.instance} can be read by others: it holds children's data. Run: chmod 700 {settings.instance}"
        )
    if settings.sqlite_path and file_system_of(settings.sqlite_path.parent) in NETWORK_FILE_SYSTEMS:
        raise CannotStart(f"{settings.sqlite_path} lies on a network disk, where SQLite loses data. Use a local disk.")


def file_system_of(folder: Path) -> str:
    """Type of the file system that holds the folder, '' when the system does not say."""
    try:
        mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return ""
    path = str(folder.resolve())
    holding = [(point, kind) for point, kind in mounts if path == point or path.startswith(point.rstrip("/") + "/")]
    return max(holding, key=lambda mount: len(mount[0]), default=("", ""))[1]


def secret_file(settings: Settings, name: str) -> str:
    """A random secret kept in the instance folder (0600), made whole by exactly one of many processes."""
    path = settings.instance / name
    if not path.exists():
        draft = settings.instance / f".{name}.{os.getpid()}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return read_secret(path)


def read_secret(path: Path) -> str:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise CannotStart(f"{path} can be read by others. Run: chmod 600 {path}")
    secret = path.read_text().strip()
    if len(secret) < 32:
        raise CannotStart(f"{path} is damaged: it must hold 64 characters. Restore it from your copy.")
    return secret
