"""The inventory language: typed, frozen, strict; the only place with field rules."""
