"""The inventory language: typed, frozen, strict; the only place with rules about single fields.

model/hosts.py ports.py                  the platform: hosts, networks, ports
model/brand.py client.py                 one module per kind of object a tenant is made of
      user.py terminal.py extension.py
model/fields.py                          what the text of a field may look like
model/tenants.py                         documents to tenants
"""
