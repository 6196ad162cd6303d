"""What ours is compared with: the distribution's own configuration of Kamailio, and a bare pair with Asterisk."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from tests.bench.remote import Remote
from tests.bench.sipp import FOLDER, Account

KAMAILIO = f"{FOLDER}/kamailio"
UNIT = "trunkline-bench-kamailio"
# What our own proxies get, so that memory decides nothing.
MEMORY = "-m 1024 -M 16"


@contextlib.contextmanager
def stock_kamailio(host: Remote, address: str, accounts: Sequence[Account], *, relay: str = "") -> Iterator[None]:
    """Run the package's kamailio.cfg with authentication on a host, instead of what uses port 5060 there.

    Accounts are in text files that it reads into memory (module db_text), so no database slows it down.

    Args:
        host: Where.
        address: Address that it listens on.
        accounts: Who may call.
        relay: Address of an RTPengine for all calls; without it, media is left alone.
    """
    local = [
        "#!define WITH_AUTH",
        f'#!define DBURL "text://{KAMAILIO}/db"',
        'loadmodule "db_text.so"',
        f"listen=udp:{address}:5060",
        "auto_aliases=no",
        *(f'alias="{domain}"' for domain in sorted({account.domain for account in accounts})),
        *(["#!define WITH_NAT", "#!define WITH_RTPENGINE"] if relay else []),
    ]
    rows = [
        f"{number}:{account.user}:{account.domain}:{account.password}:-:-"
        for number, account in enumerate(accounts, start=1)
    ]
    host.run(f"rm -rf {KAMAILIO}; mkdir -p {KAMAILIO}; cp -r /usr/share/kamailio/dbtext/kamailio {KAMAILIO}/db")
    host.put(f"{KAMAILIO}/kamailio-local.cfg", "\n".join(local) + "\n")
    host.run(f"cat >>{KAMAILIO}/db/subscriber", text="\n".join(rows) + "\n")
    # From the package itself: the host's own copy may be gone or changed.
    host.run(
        f"cd {KAMAILIO}; apt-get -qq download kamailio=$(dpkg-query -W -f '${{Version}}' kamailio); "
        "dpkg-deb --fsys-tarfile kamailio_*.deb | tar -xO ./etc/kamailio/kamailio.cfg "
        f"| sed s/udp:127.0.0.1:2223/udp:{relay or '127.0.0.1'}:2223/ >kamailio.cfg; rm kamailio_*.deb"
    )
    command = f"/usr/sbin/kamailio -DD -f {KAMAILIO}/kamailio.cfg {MEMORY}"
    with host.service(UNIT, command, properties=("LimitNOFILE=16384", f"WorkingDirectory={KAMAILIO}")):
        host.run(f"timeout 20 sh -c 'until ss -Hlnu | grep -q {address}:5060; do sleep 0.1; done'")
        yield
