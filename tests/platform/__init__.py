"""The deployed platform itself: convergence, secrets, firewall, reboots, tenants."""
