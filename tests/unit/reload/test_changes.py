"""What the reload column of revisions means for a users proxy."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trunkline.reload.changes import EVERYTHING, NOTHING, Changes, of_revision, of_revisions

RELOADS = st.fixed_dictionaries(
    {
        "identities": st.booleans(),
        "relays": st.booleans(),
        "application_servers": st.booleans(),
        "clients": st.lists(st.uuids().map(str), max_size=3),
    }
)


def reload(*clients: str, identities: bool = False, relays: bool = False, servers: bool = False) -> dict[str, object]:
    return {"identities": identities, "relays": relays, "application_servers": servers, "clients": [*clients]}


def test_nothing_changed() -> None:
    assert not of_revision(reload())
    assert not NOTHING


def test_a_user_was_added() -> None:
    assert of_revision(reload("a", identities=True)) == Changes(clients=frozenset({"a"}))


def test_a_changed_server_concerns_every_client() -> None:
    assert of_revision(reload("a", identities=True, servers=True)) == Changes(
        every_identity=True, application_servers=True
    )


def test_identities_of_nobody_in_particular_are_everybodys() -> None:
    assert of_revision(reload(identities=True)).every_identity


def test_clients_of_call_logic_only_are_not_ours() -> None:
    assert not of_revision(reload("a")).identities


def test_a_revision_without_keys_changes_everything() -> None:
    assert of_revision({}) == EVERYTHING


@given(st.lists(RELOADS))
def test_revisions_together_change_what_each_of_them_changes(reloads: list[dict[str, object]]) -> None:
    together = of_revisions(reloads)
    single = [of_revision(one) for one in reloads]
    assert together.clients == frozenset().union(*(one.clients for one in single))
    assert together.every_identity == any(one.every_identity for one in single)
    assert together.relays == any(one.relays for one in single)
    assert together.application_servers == any(one.application_servers for one in single)
    assert bool(together) == any(single)
