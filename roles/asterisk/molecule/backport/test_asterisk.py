"""Asterisk from packages built for Debian 13: nothing else of the host is of another release; other settings hold."""

from __future__ import annotations

from ipaddress import ip_network

from testinfra.host import Host

from tests.support.proxy import Proxy


def test_the_packages_are_ours_and_the_rest_is_debian_13(host: Host) -> None:
    assert "~bpo13+1" in host.package("asterisk").version
    assert host.package("asterisk-modules").version == host.package("asterisk").version
    assert host.package("libc6").version.startswith("2.41-")
    assert "forky" not in host.check_output("apt-get indextargets --format '$(CODENAME)' 'Created-By: Packages'")


def test_every_module_of_the_list_runs(host: Host) -> None:
    wanted = set(host.check_output("sed -n 's/^load = //p' /etc/trunkline/asterisk/modules.conf").split())
    shown = host.check_output("asterisk -rx 'module show like .so'").splitlines()
    assert {line.split()[0] for line in shown if " Running " in line} == wanted


def test_answers_the_proxy_on_another_port(host: Host) -> None:
    variables = host.ansible.get_variables()
    network = ip_network(variables["trunkline_networks"]["internal"])
    server = variables["trunkline_internal_address"]
    with Proxy(str(network[1]), 15060, (server, 6070)) as proxy:
        proxy.request("OPTIONS", f"sip:{server}:6070")
        proxy.expect(status=200, method="OPTIONS")


def test_settings_are_in_force(host: Host) -> None:
    assert "other" in host.check_output("asterisk -rx 'core show settings'")
    assert "(alaw)" in host.check_output("asterisk -rx 'pjsip show endpoint controller'")
    assert host.check_output("systemctl show -P LimitNOFILE asterisk") == "4096"
