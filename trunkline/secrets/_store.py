"""The secrets of one stack: names, values, first use, rotation."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from trunkline.errors import ConfigurationError
from trunkline.secrets import _generate, _vault
from trunkline.secrets._moved import PEERING_KINDS, followed, is_moved, origin, owners_moved
from trunkline.secrets._passwords import Passwords

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

FILE_NAME = "secrets.yml"
_NAME = re.compile(r"[a-z][a-z0-9_]*(/[^\s/]+)*")


class Secrets:
    """The secrets of one stack. Safe to use from several processes at the same time.

    The file is decrypted once, and again only after another process has replaced it.

    Attributes:
        path: The encrypted file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._key = _vault.vault_key()
        self._values: dict[str, str] = {}
        self._read_state: tuple[int, int] | None = None

    @classmethod
    def open(cls, stack_root: Path) -> Secrets:
        """Open the secrets of a stack; nothing is written before the first secret is asked for.

        Args:
            stack_root: The folder of the stack, as `trunkline.paths.stack_root` returns it.

        Raises:
            PlatformError: The key of the vault can neither be read nor made.
        """
        return cls(Path(stack_root) / FILE_NAME)

    def get(self, name: str) -> str:
        """Return one secret, made now if this is its first use. See `get_many`."""
        return self.get_many([name])[name]

    def get_many(self, names: Iterable[str]) -> dict[str, str]:
        """Return secrets by name; those without a value get one, all in one write.

        Args:
            names: For example ``postgresql_trunkline_owner_password`` (random) or
                ``terminal/<brand>/<client>/<terminal>`` (derived from the stack's root key, see `_generate`).

        Raises:
            ConfigurationError: A name is not usable.
            PlatformError: The file cannot be decrypted.
        """
        wanted = list(names)
        for name in wanted:
            _check(name)
        self._refresh()
        missing = self._missing(wanted)
        if missing:
            with self._locked():
                missing = self._missing(wanted)
                self._replace({name: _generate.random_secret() for name in missing})
        return {name: self._value(name) for name in wanted}

    def passwords(self) -> Passwords:
        """Return the passwords of all terminals and devices of tenants; the root key is made if this is its first use.

        Raises:
            PlatformError: The file cannot be decrypted.
        """
        root_key = self.get(_generate.ROOT_KEY)
        return Passwords(root_key, {name: value for name, value in self._values.items() if _generate.is_derived(name)})

    def names(self) -> list[str]:
        """Return the names of all stored secrets, sorted."""
        self._refresh()
        return sorted(name for name in self._values if not is_moved(name))

    def follow(self, moved: Mapping[str, str], there: Callable[[], Collection[str] | None]) -> None:
        """Have passwords stay with owners that got another name, and forget renames that were taken back.

        Args:
            moved: What files declare: path of a client, carrier or DDI provider -> the one before (`_moved`).
            there: Gives the path of every one that exists, or None when nobody can say now; asked only if something
                moved now or before.
        """
        self._refresh()
        if not moved and not owners_moved(self._values):
            return
        exist = there()
        if exist is None or followed(self._values, moved, exist) is None:
            return
        with self._locked():
            values = followed(self._values, moved, exist)
            if values is not None:
                _vault.write(self.path, self._key, values)
                self._refresh()

    def rotate(self, names: Iterable[str] | None = None) -> list[str]:
        """Give secrets a new value; what uses them learns it from the next run of the playbooks and of apply.

        Args:
            names: The secrets to change; None for all stored ones, and with them every derived one, but for those of
                carriers and DDI providers, who made them.

        Returns:
            The names that were changed, sorted.

        Raises:
            ConfigurationError: A name is unknown; nothing was changed then.
        """
        wanted = None if names is None else sorted(set(names))
        with self._locked():
            chosen = self._ours() if wanted is None else wanted
            for name in chosen:
                _check(name)
                if name not in self._values and not _generate.is_derived(name):
                    raise ConfigurationError(
                        f"there is no secret {name}", remedy="`trunkline secrets list` names those that are in use"
                    )
            self._replace({name: _generate.random_secret() for name in chosen})
        return chosen

    def set(self, name: str, value: str) -> None:
        """Keep a secret that somebody else made, such as the password of a carrier.

        Args:
            name: For example ``carrier/<brand>/<carrier>/<server>``.
            value: Its value.

        Raises:
            ConfigurationError: The name is not usable, or the value is empty or of several lines.
        """
        _check(name)
        if not value or not value.isprintable():
            message, remedy = "this cannot be a secret", "give one line of text that is not empty"
            raise ConfigurationError(message, remedy=remedy)
        with self._locked():
            self._replace({name: value})

    def _ours(self) -> list[str]:
        kinds = tuple(f"{kind}/" for kind in PEERING_KINDS)
        return sorted(name for name in self._values if not is_moved(name) and not name.startswith(kinds))

    def _missing(self, wanted: list[str]) -> list[str]:
        missing = {n for n in wanted if n not in self._values and not _generate.is_derived(n)}
        if _generate.ROOT_KEY not in self._values and any(_generate.is_derived(n) for n in wanted):
            missing.add(_generate.ROOT_KEY)
        return sorted(missing)

    def _value(self, name: str) -> str:
        if name in self._values or not _generate.is_derived(name):
            return self._values[name]
        return _generate.derived_secret(self._values[_generate.ROOT_KEY], origin(name, owners_moved(self._values)))

    def _replace(self, changes: dict[str, str]) -> None:
        if changes:
            _vault.write(self.path, self._key, {**self._values, **changes})
            self._refresh()

    def _refresh(self) -> None:
        try:
            status = os.stat(self.path)  # noqa: PTH116 - read in one call, compared as numbers
        except FileNotFoundError:
            self._values, self._read_state = {}, None
            return
        state = (status.st_ino, status.st_mtime_ns)
        if state != self._read_state:
            self._values, self._read_state = _vault.read(self.path, self._key), state

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the write lock; the values are fresh inside."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = self.path.with_name(f".{self.path.name}.lock")
        with lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._refresh()
            yield


def _check(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"{name!r} is not a name for a secret",
            remedy="use lower case letters, digits and underscores, then parts separated by slashes",
        )
