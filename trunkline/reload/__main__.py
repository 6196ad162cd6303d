"""``python -m trunkline.reload``: the reloader."""

from trunkline.reload.service import main

main()
