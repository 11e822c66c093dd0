"""A control database in Postgres, by psycopg 3, and object storage, by obstore; both are imported only here."""
