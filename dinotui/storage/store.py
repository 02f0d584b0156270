"""A user's open data: the database, who the user is, and the folders beside the file."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, Self

from dinotui.domain.errors import NotFound
from dinotui.domain.visible import visible
from dinotui.locale import _
from dinotui.storage.copying import copy_database
from dinotui.storage.database import Database, utc_now
from dinotui.storage.filesystem import private_folder, refuse_moved, told_plainly
from dinotui.storage.migrations import is_current, migrate
from dinotui.storage.owners import Owner
from dinotui.storage.tables import User

SERVER_FOLDER: Final = "server"
RECENT_FILE: Final = "recent.json"
BESIDE: Final = ("backups", "staging", "scratch", SERVER_FOLDER, RECENT_FILE)
"""Everything that lies in the folder beside a database."""
_LISTED: Final = 20  # users that a message names


class Store:
    """One database opened as one user. A store belongs to one thread; `sibling` makes one for another."""

    def __init__(
        self, path: Path, user: str | None = None, *, look: Path | None = None, known_user: bool = False
    ) -> None:
        """Open the database at `path` (made on first use) as `user`, by default its first user.

        A name that the database does not hold becomes a new user; `created_user` says so. With `known_user` it
        raises `NotFound` instead, unless the database has no user at all. With `look` the database and its
        folder are only read, and what has to be written meanwhile goes into that folder; see `untouched`.
        Raises `StorageError` when the file cannot be opened.
        """
        self._known_user = known_user
        self.created_user = False
        self.path = path
        self.folder = look or path.with_name(path.name + ".d")
        self.database = Database(path, look=look is not None)
        try:
            if look is None:
                migrate(self.database, lambda: str(self.backups))
            self.user, self.user_name = self._find(user)
        except BaseException:
            self.database.close()
            raise

    @property
    def staging(self) -> Path:
        """The folder of staged imports, one file each."""
        return self._inside("staging")

    @property
    def backups(self) -> Path:
        """The folder of backups."""
        return self._inside("backups")

    @property
    def scratch(self) -> Path:
        """A private folder for files that live as long as one piece of work."""
        return self._inside("scratch")

    def _inside(self, name: str) -> Path:
        with told_plainly(self.folder):
            return private_folder(self.folder / name)

    def _find(self, name: str | None) -> tuple[int, str]:
        wanted, found = name, self._lookup(name)
        if found is None:
            if self._known_user and name is not None and (names := self.users()):
                text = _("There is no user {name} in this database. There are: {names}.")
                listed = ", ".join(visible(each) for each in names[:_LISTED])
                more = ", …" if len(names) > _LISTED else ""
                raise NotFound("no-such-user", text.format(name=visible(name), names=listed + more), "--user")
            with self.database.write():
                found = self._lookup(wanted)
                if found is None:
                    self.created_user = True
                    wanted = wanted or _account_name()
                    number = self.database.run(User.insert(name=wanted, created_at=utc_now()))
                    found = int(number), wanted
        return found

    def _lookup(self, name: str | None) -> tuple[int, str] | None:
        rows = self.database.rows(
            "SELECT number, name FROM user WHERE name = :name OR :name IS NULL ORDER BY number LIMIT 1",
            {"name": name},
        )
        return (rows[0][0], rows[0][1]) if rows else None

    def users(self) -> list[str]:
        """Return the names of all users, the first one first."""
        return [row[0] for row in self.database.rows("SELECT name FROM user ORDER BY number")]

    def sibling(self) -> Store:
        """Return a second store on the same file and user, for another thread.

        Raises `StorageError` where the file was deleted or replaced meanwhile: no new one is made.
        """
        refuse_moved(self.path, self.database.identity)
        return Store(self.path, self.user_name)

    def close(self) -> None:
        """Close the database; safe to call twice."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @contextmanager
    def scratch_folder(self) -> Iterator[Path]:
        """Yield a new private folder that is removed afterwards."""
        import shutil
        import tempfile

        with closing(Owner(self.scratch)) as owner:
            with told_plainly(self.folder):
                folder = Path(tempfile.mkdtemp(dir=self.scratch, prefix=f"{owner.name}-"))
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def untouched(path: Path, user: str | None, folder: Path) -> Iterator[Store]:
    """Yield the data of `user` without changing a byte of them; `folder` is for what has to be written.

    Where there are none yet it is an empty database in `folder`, where they have an older schema a copy there.
    """
    if not path.is_file() or not path.stat().st_size:
        with Store(folder / "empty.db", user) as store:
            yield store
        return
    copy = folder / "copy.db"
    with closing(Database(path, look=True)) as database:
        current = is_current(database)
        if not current:
            copy_database(database, copy)
        known = current and (user is None or _has_user(database, user))
    if known:
        with Store(path, user, look=folder) as store:
            yield store
        return
    with Store(folder / "empty.db" if current else copy, user) as store:
        yield store


def _has_user(database: Database, user: str) -> bool:
    return bool(database.value("SELECT EXISTS (SELECT 1 FROM user WHERE name = ?)", (user,)))


def _account_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "traveller"
