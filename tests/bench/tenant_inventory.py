"""Inventories as carriers have them: many small clients and few large ones, people with names, several languages.

The same size and seed give the same files everywhere. Endpoints are terminals, residential devices, retail accounts and
the addresses of wholesale clients.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MEAN_ENDPOINTS = 100  # of a client
LARGEST = 4000
_CLIENTS_OF_BRAND = 100
# Shares of the types of clients, and how large they are compared with the mean.
_TYPES = {"vpbx": 0.82, "residential": 0.1, "retail": 0.06, "wholesale": 0.02}
_SIGMA = 1.25  # of the logarithm of sizes: half of the clients have fewer endpoints than half of the mean

_PEOPLE = {
    "ca": ("Jordi Montserrat Núria Oriol Laia Mercè Pau Arnau", "Puig Vila Serra Roca Soler Ferrer Bosch Riera"),
    "en": ("James Mary Oliver Amelia George Isla Harry Grace", "Smith Jones Taylor Brown Wilson Evans Walker Wright"),
    "es": ("Antonio María José Carmen Álvaro Lucía Íñigo Sofía", "García López Muñoz Peña Ruiz Ibáñez Gil Santos"),
    "eu": ("Aitor Ane Iker Maite Jon Nerea Unai Leire", "Etxeberria Agirre Urrutia Goikoetxea Ibarra Zubia Mendia"),
    "fr": ("Jean Élodie François Chloé Loïc Zoé Rémi Maëlle", "Martin Dubois Lefèvre Moreau Gérard Noël Bénard Faÿ"),
    "it": ("Giulia Luca Matteo Sofia Niccolò Chiara Marco Elena", "Rossi Russo Ferrari Esposito Bianchi Romano Greco"),
    "pt": ("João Inês Tomás Beatriz Simão Mariana Gonçalo Leonor", "Silva Santos Ferreira Conceição Araújo Simões"),
}
_COMPANIES = """
Panadería Transports Atelier Clínica Asesoría Notaría Studio Oficina Taller Librairie Farmacia Gestoría Cargo Hotel
Bodegas Imprenta Ferretería Mutua Colegio Talleres Viveros Joyería Ópticas Seguros Lonja Cerveceira
"""
_PLACES = """
norte sur levante ribera alta vella nova puerto monte campo isla costa valle torre fuente real plaza ponte lagoa
"""


@dataclass(frozen=True)
class Written:
    """What was written.

    Args:
        endpoints: How many there are.
        clients: How many there are.
        bytes: Of all files.
        largest: Endpoints of the largest client.
        middle: A vPBX client of usual size: ``tenants/<brand>/<client>``.
    """

    endpoints: int
    clients: int
    bytes: int
    largest: int
    middle: str


def write(inventory: Path, endpoints: int, *, tables: bool = False, seed: int = 4) -> Written:
    """Write the tenants of an inventory.

    Args:
        inventory: Its folder; has no tenants yet.
        endpoints: About how many.
        tables: Users and endpoints in CSV instead of YAML.
        seed: Another one gives another inventory.
    """
    choice = random.Random(seed)  # noqa: S311 - nothing secret
    count = max(1, endpoints // MEAN_ENDPOINTS)
    sizes = _sizes(choice, count, endpoints)
    generator = _Generator(choice, inventory / "tenants", tables=tables)
    for number, size in enumerate(sizes):
        generator.client(number, size)
    middle = min(generator.vpbx, key=lambda name: abs(generator.vpbx[name] - MEAN_ENDPOINTS))
    return Written(sum(sizes), count, generator.bytes, max(sizes), middle)


def _sizes(choice: random.Random, count: int, endpoints: int) -> list[int]:
    """Return the sizes of clients: log-normal, together about what was asked for."""
    drawn = [choice.lognormvariate(0, _SIGMA) for _ in range(count)]
    scale = endpoints / sum(drawn)
    return [max(1, min(LARGEST, round(one * scale))) for one in drawn]


class _Generator:
    """Writes clients.

    Attributes:
        bytes: Written so far.
        vpbx: The vPBX clients, with the number of their endpoints.
    """

    def __init__(self, choice: random.Random, folder: Path, *, tables: bool) -> None:
        self.bytes = 0
        self.vpbx: dict[str, int] = {}
        self._choice = choice
        self._folder = folder
        self._tables = tables
        self._number = 910_000_000
        self._brands: dict[str, str] = {}

    def client(self, number: int, size: int) -> None:
        """Write one client, and its brand before it."""
        brand = f"brand{number // _CLIENTS_OF_BRAND:03}"
        language = self._brands.get(brand) or self._brand(brand)
        kind = self._choice.choices(list(_TYPES), list(_TYPES.values()))[0]
        name = f"{_plain(self._choice.choice(_COMPANIES.split()))}-{self._choice.choice(_PLACES.split())}-{number:05}"
        if self._choice.random() < 0.2:
            language = self._choice.choice(list(_PEOPLE))
        head = [f"type: {kind}", f"language: {language}"]
        if kind == "vpbx":
            head.append(f"domain: {name}.{brand}.example")
            self.vpbx[f"{brand}/{name}"] = size
        rows = list(getattr(self, f"_{kind}")(size, language, name))
        numbers = [row["ddi"] for row in rows if "ddi" in row]
        if numbers:
            head.append(f"outgoing_ddi: {numbers[0]}")
        self._write(brand, name, head, {"vpbx": "users", "wholesale": "sources"}.get(kind, f"{kind}s"), rows)

    def _write(self, brand: str, name: str, head: list[str], section: str, rows: list[dict[str, str]]) -> None:
        section = {"residentials": "devices", "retails": "accounts"}.get(section, section)
        if self._tables and section != "sources":
            columns = list(dict.fromkeys(column for row in rows for column in row if column != "key"))
            key = {"users": "user"}.get(section, "endpoint")
            lines = [",".join([key, *columns])]
            lines += [",".join([row["key"], *(_cell(row.get(column, "")) for column in columns)]) for row in rows]
            self._file(f"{brand}/{name}/{'users' if section == 'users' else 'endpoints'}.csv", lines)
            self._file(f"{brand}/{name}/client.yml", head)
            return
        lines = [f"{section}:"]
        for row in rows:
            fields = ", ".join(f"{key}: {_scalar(value)}" for key, value in row.items() if key != "key")
            lines.append(f"  {row['key']}: {{{fields}}}")
        self._file(f"{brand}/{name}.yml", [*head, *lines])

    def _brand(self, brand: str) -> str:
        language = self._brands[brand] = self._choice.choice(list(_PEOPLE))
        lines = [f"language: {language}", f"domain: phones.{brand}.example"]
        self._file(f"{brand}/brand.yml", lines)
        return language

    def _vpbx(self, size: int, language: str, name: str) -> Iterator[dict[str, str]]:
        first, last = (names.split() for names in _PEOPLE[language])
        for number in range(size):
            given, family = self._choice.choice(first), self._choice.choice(last)
            row = {"key": f"{_plain(given)}.{_plain(family)}{number}", "name": f"{given} {family}"}
            row["extension"] = str(2000 + number)
            if number == 0 or self._choice.random() < 0.4:
                row["ddi"] = self._ddi()
            if self._choice.random() < 0.2:
                row["email"] = f"{_plain(given)}.{_plain(family)}@{name}.example"
            yield row

    def _residential(self, size: int, language: str, name: str) -> Iterator[dict[str, str]]:
        del language
        for number in range(size):
            yield {"key": f"{name}-{number}", "description": f"House {number}", "ddi": self._ddi()}

    def _retail(self, size: int, language: str, name: str) -> Iterator[dict[str, str]]:
        del language
        for number in range(size):
            yield {"key": f"{name}-{number}", "description": f"Trunk {number}", "ddi": self._ddi()}

    def _wholesale(self, size: int, language: str, name: str) -> Iterator[dict[str, str]]:
        del language, name
        for number in range(size):
            self._number += 1
            octets = self._number.to_bytes(4, "big")
            yield {"key": f"10.{octets[1]}.{octets[2]}.{octets[3]}", "description": f"Gateway {number}"}

    def _ddi(self) -> str:
        self._number += 1
        return f"+34{self._number}"

    def _file(self, name: str, lines: list[str]) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "\n".join(lines) + "\n"
        path.write_text(text, encoding="utf-8")
        self.bytes += len(text.encode())


_PLAIN = str.maketrans("áéíóúàèìòùâêôãõäëïöüÿñç", "aeiouaeiouaeoaoaeiouync")


def _plain(text: str) -> str:
    """Return a name as people write it in addresses."""
    return text.lower().translate(_PLAIN)


def _scalar(value: str) -> str:
    return f'"{value}"' if any(character in value for character in ":#,{}[]") else value


def _cell(value: str) -> str:
    return f'"{value}"' if "," in value else value
