"""What a drill is given, what it gives back, and the bugs that must turn it red."""

import contextlib
import importlib
import os
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from aidtracker import db, fill_hooks
from aidtracker.config import Settings, load_settings
from aidtracker.operation.migration import migrate


@dataclass
class Given:
    """`folder` is empty and the drill's own; `url` names an empty database."""

    folder: Path
    url: str
    rounds: int
    seed: int
    bug: "Bug | None" = None

    def __post_init__(self):
        self.random = random.Random(self.seed)

    @property
    def on_postgresql(self) -> bool:
        return self.url.startswith("postgresql")

    @property
    def instance(self) -> Path:
        return self.folder / "instance"

    @property
    def environ(self) -> dict[str, str]:
        """For processes of the site: the database, and the bug that is planted in them."""
        own = {"AIDTRACKER_INSTANCE": str(self.instance), "DATABASE_URL": self.url, "AIDTRACKER_JOBS": "off"}
        return os.environ | own | ({"DRILL_BUG": f"{self.bug.drill}:{self.bug.name}"} if self.bug else {})

    @property
    def wsgi(self) -> str:
        """What gunicorn serves: the site as it is, or with the bug."""
        return "tests.drills.planted:app" if self.bug else "tests.served:app"

    def settings(self, **more: str) -> Settings:
        return load_settings(self.environ | more)

    @contextlib.contextmanager
    def opened(self) -> Iterator[Settings]:
        """The database migrated and open in this process, its keys loaded, its rooms introduced to each other."""
        settings = self.settings()
        settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        opened = db.init_database(settings)
        migrate(settings)
        fill_hooks()
        with opened.connection_context():
            yield settings


@dataclass
class Outcome:
    """`zeros` must all be 0 (lost, doubled, wrong ...); `facts` were counted on the way; each fault is a line for people."""

    rounds: int
    facts: dict[str, int] = field(default_factory=dict)
    zeros: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def found(self, word: str, line: str) -> None:
        """One more that should be none: `word` is one of zeros."""
        self.zeros[word] = self.zeros.get(word, 0) + 1
        self.faults.append(f"{word}: {line}")

    @property
    def is_red(self) -> bool:
        return any(self.zeros.values())

    def words(self, name: str) -> str:
        counted = {**self.facts, **self.zeros}
        return f"{name}: {self.rounds:,} rounds, " + ", ".join(f"{number:,} {word}" for word, number in counted.items())


@dataclass(frozen=True)
class Bug:
    """A mistake that somebody might make. `plant()` makes it while its context lasts, in this process or in a server's."""

    drill: str
    name: str
    what: str
    plant: Callable[[], contextlib.AbstractContextManager]
    rounds: int = 0  # that find it for sure; 0: the drill's own short ones
    only: str = ""  # sqlite or postgresql: the other one does not let it happen

    def is_of(self, database: str) -> bool:
        return self.only in ("", "postgresql" if database.startswith("postgresql") else "sqlite")


@dataclass(frozen=True)
class Drill:
    name: str
    about: str
    run: Callable[[Given], Outcome]
    rounds: int  # of bin/drill
    short: int  # of the test suite
    bugs: tuple[Bug, ...]
    on_postgresql: bool = True
    on_sqlite: bool = True


def drill_named(name: str) -> Drill:
    return importlib.import_module(f"tests.drills.{name}").DRILL


@contextlib.contextmanager
def swapped(place: str, other: Callable) -> Iterator[None]:
    """`aidtracker.audit.actions.record` becomes `other(the real one)`, wherever a module of the house has imported it.

    `place` may name a method: aidtracker.jobs.models.Job.beat. What is imported later is caught by planting first."""
    module_name, _, name = place.rpartition(".")
    if is_module(module_name):
        holders = [importlib.import_module(module_name)]
        real = getattr(holders[0], name)
        holders += [module for key, module in list(sys.modules.items()) if key.startswith("aidtracker") and getattr(module, name, None) is real]
    else:
        above, _, owner = module_name.rpartition(".")
        holders = [getattr(importlib.import_module(above), owner)]
        real = vars(holders[0])[name]
    changed = other(real)
    for holder in holders:
        setattr(holder, name, changed)
    try:
        yield
    finally:
        for holder in holders:
            setattr(holder, name, real)


def is_module(name: str) -> bool:
    """False for a class within one."""
    try:
        return name in sys.modules or importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
