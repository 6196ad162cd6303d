"""``python -m trunkline.callflow``: the call-flow service."""

from trunkline.callflow.service import main

main()
