"""The control database of a fleet in Postgres, by psycopg 3, which is imported only here."""
