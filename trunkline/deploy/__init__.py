"""A whole platform with one command: machines, hosts, tenants, and the call that proves them."""
