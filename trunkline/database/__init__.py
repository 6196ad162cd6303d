"""The database: migrations, the migrator and connections. Imported on hosts: standard library and psycopg only."""
