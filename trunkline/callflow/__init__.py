"""Call logic: what happens to a call, decided by pure code and executed by a driver.

``configuration``  a client's compiled configuration, as the database gives it
``steps``          what the engine is told, and what it wants done
``engine``         (configuration, state of the call, event) -> steps; pure
``numbers``        what numbers outside mean: answers of the database
``dry``            prints the steps
``agi``            the FastAGI protocol
``live``           executes the steps on a channel of Asterisk
``cache``          the configurations of the clients in use
``database``       where configurations come from, and news of changes
``service``        the process: ``python -m trunkline.callflow``

Runs on hosts: standard library and psycopg only.
"""
