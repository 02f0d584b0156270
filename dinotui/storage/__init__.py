"""The database, its change log, the staging area and the backups."""
