"""Labels that every object in a cloud carries: whose it is, and what it does."""

from __future__ import annotations

from trunkline.model.hosts import Host, Platform

GROUP_LABEL = "trunkline-group-"


def labels(platform: Platform, host: Host | None = None) -> dict[str, str]:
    """Return the labels of an object of a platform, or of one of its hosts.

    Values are limited to 63 letters, digits, hyphens, underscores and dots; group names fit.
    """
    own = platform.hcloud.labels if platform.hcloud else {}
    groups = {f"{GROUP_LABEL}{group.replace('_', '-')}": "yes" for group in host.groups} if host else {}
    return {**own, "managed-by": "trunkline", "trunkline-stack": platform.stack, **groups}
