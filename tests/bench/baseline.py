"""What ours is compared with: the distribution's own configuration of Kamailio, and a bare pair with Asterisk."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.remote import Remote
from tests.bench.sipp import FOLDER, Account

TEXTS = Path(__file__).parent / "baseline"
KAMAILIO = f"{FOLDER}/kamailio"
ASTERISK = f"{FOLDER}/asterisk"
PROXY_UNIT = "trunkline-bench-kamailio"
SERVER_UNIT = "trunkline-bench-asterisk"
# What our own proxies get, so that memory decides nothing.
MEMORY = "-m 1024 -M 16"
FILES = ("LimitNOFILE=16384",)


@contextlib.contextmanager
def stock_kamailio(host: Remote, accounts: Sequence[Account], *, relay: str = "") -> Iterator[None]:
    """Run the package's kamailio.cfg with authentication on a host, in the place of our users proxy.

    Accounts are in text files that it reads into memory (module db_text), so no database slows it down.

    Args:
        host: Where.
        accounts: Who may register and call; domains other than its address become its own.
        relay: Address of an RTPengine for all calls; without it, media is left alone.
    """
    local = [
        "#!define WITH_AUTH",
        f'#!define DBURL "text://{KAMAILIO}/db"',
        'loadmodule "db_text.so"',
        f"listen=udp:{host.public}:5060",
        "auto_aliases=no",
        *(f'alias="{domain}"' for domain in sorted({account.domain for account in accounts})),
        *(["#!define WITH_NAT", "#!define WITH_RTPENGINE"] if relay else []),
    ]
    _accounts(host, accounts)
    host.put(f"{KAMAILIO}/kamailio-local.cfg", "\n".join(local) + "\n")
    # From the package itself: the host's own copy may be gone or changed.
    host.run(
        f"cd {KAMAILIO}; apt-get -qq download kamailio=$(dpkg-query -W -f '${{Version}}' kamailio); "
        "dpkg-deb --fsys-tarfile kamailio_*.deb | tar -xO ./etc/kamailio/kamailio.cfg "
        f"| sed s/udp:127.0.0.1:2223/udp:{relay or '127.0.0.1'}:2223/ >kamailio.cfg; rm kamailio_*.deb"
    )
    with _kamailio(host):
        yield


@contextlib.contextmanager
def bare_pair(proxy: Remote, server: Remote, relay: Remote, accounts: Sequence[Account]) -> Iterator[None]:
    """Run a bare Kamailio and a bare Asterisk, in the place of our users proxy and application server.

    They do the signalling that ours does: digest, both legs of a call, a media relay for each; no database, no records,
    no configuration of clients, one server, one relay.
    """
    values = {
        "PUBLIC": proxy.public,
        "INTERNAL": proxy.internal,
        "SERVER": server.internal,
        "RELAY": relay.internal,
        "DATABASE": f"{KAMAILIO}/db",
        "DOMAIN": accounts[0].domain,
    }

    def text(name: str) -> str:
        content = (TEXTS / name).read_text(encoding="utf-8")
        for key, value in values.items():
            content = content.replace(f"@{key}@", value)
        return content

    _accounts(proxy, accounts)
    proxy.put(f"{KAMAILIO}/kamailio.cfg", text("kamailio.cfg"))
    server.run(f"rm -rf {ASTERISK}")
    for name in ("pjsip.conf", "extensions.conf", "modules.conf"):
        server.put(f"{ASTERISK}/{name}", text(name))
    server.put(f"{ASTERISK}/asterisk.conf", f"[directories]\nastetcdir => {ASTERISK}\n")
    command = f"/usr/sbin/asterisk -f -U asterisk -C {ASTERISK}/asterisk.conf"
    runtime = ("RuntimeDirectory=asterisk", "RuntimeDirectoryPreserve=yes")
    with _kamailio(proxy), server.service(SERVER_UNIT, command, properties=(*FILES, *runtime)):
        _wait_for(server, f"{server.internal}:6060")
        yield


@contextlib.contextmanager
def bare_relay(proxy: Remote, relay: Remote, callee: str) -> Iterator[None]:
    """Run a bare Kamailio that passes every call on to one address, with a media relay, in the place of our proxies.

    Args:
        proxy: Where.
        relay: Media relay of all calls.
        callee: Address and port of whoever answers.
    """
    text = (TEXTS / "relay.cfg").read_text(encoding="utf-8")
    for key, value in (("PUBLIC", proxy.public), ("RELAY", relay.internal), ("CALLEE", callee)):
        text = text.replace(f"@{key}@", value)
    proxy.run(f"rm -rf {KAMAILIO}")
    proxy.put(f"{KAMAILIO}/kamailio.cfg", text)
    with _kamailio(proxy):
        yield


def _accounts(host: Remote, accounts: Sequence[Account]) -> None:
    rows = [
        f"{number}:{account.user}:{account.domain}:{account.password}:-:-"
        for number, account in enumerate(accounts, start=1)
    ]
    host.run(f"rm -rf {KAMAILIO}; mkdir -p {KAMAILIO}; cp -r /usr/share/kamailio/dbtext/kamailio {KAMAILIO}/db")
    host.run(f"cat >>{KAMAILIO}/db/subscriber", text="\n".join(rows) + "\n")


@contextlib.contextmanager
def _kamailio(host: Remote) -> Iterator[None]:
    command = f"/usr/sbin/kamailio -DD -f {KAMAILIO}/kamailio.cfg {MEMORY}"
    with host.service(PROXY_UNIT, command, properties=(*FILES, f"WorkingDirectory={KAMAILIO}")):
        _wait_for(host, f"{host.public}:5060")
        yield


def _wait_for(host: Remote, socket: str) -> None:
    host.run(f"timeout 30 sh -c 'until ss -Hlnu | grep -q {socket}; do sleep 0.1; done'")
