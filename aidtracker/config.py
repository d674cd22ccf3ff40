"""Settings from the environment, one comment each; refuses to start unsafe in production."""

import os
import re
import resource
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlparse

from aidtracker.errors import CannotStart

LAST_HOUR = 23
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
    backup_folder: Path  # where the daily backups go; better another disk
    backup_hour: int | None  # of the clock in China; None: no daily backups
    metrics_token: str = field(repr=False)  # whoever sends it may read /metrics; '': nobody may
    practice_url: str  # where the practice site stands that the pages lead to, without a slash at its end; '': there is none
    offline_pages: bool  # phones keep today's pages for times without signal

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
    for each in (url, environ.get("DATABASE_ADMIN_URL", url)):
        refuse_strange_url(each)
    return Settings(
        database_url=url,
        instance=instance,
        environment=environment,
        admin_database_url=environ.get("DATABASE_ADMIN_URL", url),
        trusted_proxies=whole_number(environ, "AIDTRACKER_TRUSTED_PROXIES", "0"),
        argon2_memory_kib=max(19456, whole_number(environ, "AIDTRACKER_ARGON2_KIB", "19456")),
        jobs_in_web=environ.get("AIDTRACKER_JOBS", "web") == "web",
        backup_folder=Path(environ.get("AIDTRACKER_BACKUPS") or instance / "backups"),
        backup_hour=hour(environ, "AIDTRACKER_BACKUP_HOUR", "2"),
        metrics_token=environ.get("AIDTRACKER_METRICS_TOKEN", ""),
        practice_url=web_address(environ, "AIDTRACKER_PRACTICE_URL"),
        offline_pages=environ.get("AIDTRACKER_OFFLINE", "on") != "off",
    )


def refuse_strange_url(url: str) -> None:
    """Never says what it is: it holds a password."""
    if not url.startswith(("sqlite:///", "postgresql://")):
        raise CannotStart("DATABASE_URL must begin with sqlite:/// or postgresql://.")
    if url.removeprefix("sqlite:///") in ("", ":memory:"):
        raise CannotStart("DATABASE_URL names no file: what is saved would be gone at the next start.")
    try:
        _ = urlparse(url).port
    except ValueError:
        raise CannotStart("DATABASE_URL: its port must be a number, and signs like @ : / in the password must be written as %40 %3A %2F.") from None


def hour(environ, name: str, default: str) -> int | None:
    text = environ.get(name, default)
    if text == "off":
        return None
    if whole_number(environ, name, default) > LAST_HOUR:
        raise CannotStart(f"{name} is {text!r}: it must be an hour from 0 to 23, or off.")
    return int(text)


def whole_number(environ, name: str, default: str) -> int:
    text = environ.get(name, default)
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise CannotStart(f"{name} is {text!r}: it must be a whole number.")
    return int(text)


def web_address(environ, name: str) -> str:
    """'' when it is not set. Plain HTTP only on this machine, to try it."""
    text = environ.get(name, "").rstrip("/")
    try:
        parts = urlparse(text)
        fits = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1"))
        fits = fits and bool(parts.hostname) and (parts.port is None or parts.port > 0) and not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
    except ValueError:
        fits = False
    if text and not (fits and re.fullmatch(r"[!-~]+", text)):
        raise CannotStart(f"{name} is {text!r}: it must be an address like https://practice.example.cn.")
    return text


def refuse_debugging(settings: Settings, is_debug: bool) -> None:
    """The debugger of `flask run` lets whoever sees an error run programs here."""
    if is_debug and not settings.is_development:
        raise CannotStart("FLASK_DEBUG or --debug is on: it shows data to strangers. Switch it off, or set AIDTRACKER_ENV=development.")


def prepare_instance(settings: Settings) -> None:
    """Makes the instance folder (0700) and refuses one that others can read or that is on a network disk."""
    forbid_core_dumps()
    os.umask(0o077)  # whatever is written from here on is the owner's alone
    settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    if stat.S_IMODE(settings.instance.stat().st_mode) & 0o077:
        raise CannotStart(
            f"{settings.instance} can be read by others: it holds children's data. Run: chmod 700 {settings.instance}"
        )
    refuse_files_of_others(settings)
    if settings.sqlite_path and file_system_of(settings.sqlite_path.parent) in NETWORK_FILE_SYSTEMS:
        raise CannotStart(f"{settings.sqlite_path} lies on a network disk, where SQLite loses data. Use a local disk.")


def refuse_files_of_others(settings: Settings) -> None:
    """What root has made while it ran a command, say."""
    if not os.access(settings.instance, os.R_OK | os.W_OK | os.X_OK):
        raise CannotStart(f"{settings.instance} belongs to another user. Run as that user, or give it to this one: chown -R.")
    path = settings.sqlite_path
    for each in (path, Path(f"{path}-wal"), Path(f"{path}-shm"), Path(f"{path}.writers")) if path else ():
        if is_closed_to_us(each):
            raise CannotStart(f"{each} belongs to another user. Run as that user, or give it to this one: chown.")


def is_closed_to_us(path: Path) -> bool:
    """Asked of the file as it stood in one moment: SQLite removes -wal and -shm whenever the last process leaves."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return False
    if found.st_uid == os.geteuid():
        return found.st_mode & 0o600 != 0o600
    return not os.access(path, os.R_OK | os.W_OK) and path.exists()


def forbid_core_dumps() -> None:
    """What a process had in memory when it crashed: keys, names, numbers."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def file_system_of(folder: Path) -> str:
    """Type of the file system that holds the folder, '' when the system does not say."""
    try:
        mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return ""
    path = str(folder.resolve())
    named = [(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), point), kind) for point, kind in mounts]  # a blank is \040
    holding = [(point, kind) for point, kind in reversed(named) if path == point or path.startswith(point.rstrip("/") + "/")]
    return max(holding, key=lambda mount: len(mount[0]), default=("", ""))[1]  # of two at one point the later one is seen


def secret_file(settings: Settings, name: str) -> str:
    """A random secret kept in the instance folder (0600)."""
    path = settings.instance / name
    if not path.exists():
        make_once(path, secrets.token_hex(32).encode())
    return read_secret(path)


def make_once(path: Path, content: bytes) -> None:
    """A file of the owner's alone, whole or not at all, and on the disk before anything relies on it: a power cut a moment later
    must leave no empty key. Of many processes that make it at once, one does."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def read_secret(path: Path) -> str:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise CannotStart(f"{path} can be read by others. Run: chmod 600 {path}")
    secret = path.read_text().strip()
    if len(secret) < 64 or len(set(secret)) < 8:
        raise CannotStart(f"{path} is damaged: it must hold 64 random characters. Restore it from your copy, or delete it: everybody signs in again.")
    return secret
