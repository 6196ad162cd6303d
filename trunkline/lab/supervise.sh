#!/bin/sh
# Keeps one lab host running: gives it a fresh network namespace, boots it, and boots it again when it asked for a
# reboot (systemd-nspawn then exits with code 133). Ends when the host powers off. Written for trunkline/lab/host.py.
#
# usage: supervise.sh MACHINE ROOT CGROUP GATEWAY [INTERFACE BRIDGE VETH ADDRESS MAC]...
set -eu
machine=$1 root=$2 cgroup=$3 gateway=$4
shift 4
echo $$ >"$cgroup/watch/cgroup.procs"

plug() {
    [ ! -e "/run/netns/$machine" ] || ip netns delete "$machine"
    ip netns add "$machine"
    ip -netns "$machine" link set lo up
    while [ $# -gt 0 ]; do
        [ ! -e "/sys/class/net/$3" ] || ip link delete "$3"
        ip link add "$3" type veth peer name "$1" address "$5" netns "$machine"
        ip link set "$3" master "$2" up
        ip -netns "$machine" address add "$4" dev "$1"
        ip -netns "$machine" link set "$1" up
        shift 5
    done
    ip -netns "$machine" route add default via "$gateway"
}

while :; do
    find "$cgroup/machine" -mindepth 1 -depth -type d -exec rmdir {} +
    plug "$@"
    code=0
    # shellcheck disable=SC2016 # the inner shell expands these
    sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' enter "$cgroup/machine" \
        env SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_API_VFS_WRITABLE=network \
        systemd-nspawn --quiet --boot --keep-unit --register=no --resolv-conf=off --link-journal=no --timezone=off \
        --capability=CAP_NET_ADMIN --machine="$machine" --hostname="${machine##*.}" \
        --network-namespace-path="/run/netns/$machine" --directory="$root" || code=$?
    [ "$code" -eq 133 ] || exit "$code"
done
