"""The tables as Peewee models, for single rows and lists; whole sets are moved by SQL.

The models own no database: a query is run with `Database.run(query)`, so that several files can be open.
"""

from __future__ import annotations

from peewee import AutoField, BlobField, CompositeKey, IntegerField, Model, TextField


class User(Model):
    """A traveller."""

    number = AutoField()
    name = TextField(unique=True)
    created_at = TextField()

    class Meta:
        table_name = "user"


class TripRow(Model):
    """A stay as it is stored: days since 1970-01-01, folded texts beside the user's own."""

    number = AutoField()
    user = IntegerField()
    id = TextField()
    country = TextField()
    country_code = TextField(null=True)
    country_fold = TextField()
    entry_day = IntegerField()
    exit_day = IntegerField(null=True)
    visa_type = TextField()
    visa_fold = TextField()
    max_days = IntegerField(null=True)
    passport_country = TextField()
    passport_fold = TextField()
    notes = TextField()
    created_at = TextField()
    updated_at = TextField()
    source = TextField()
    changed_by = IntegerField()

    class Meta:
        table_name = "trip"


class Preference(Model):
    """One setting of a user; `value` is JSON."""

    user = IntegerField()
    key = TextField()
    value = TextField()
    changed_by = IntegerField()

    class Meta:
        table_name = "preference"
        primary_key = CompositeKey("user", "key")


class Notification(Model):
    """Something the program told the user; `subject` keeps it from being told twice."""

    number = AutoField()
    user = IntegerField()
    id = TextField()
    kind = TextField()
    title = TextField()
    message = TextField()
    created_at = TextField()
    read_at = TextField(null=True)
    trip_id = TextField(null=True)
    subject = TextField(null=True)
    changed_by = IntegerField()

    class Meta:
        table_name = "notification"


class Operation(Model):
    """One entry of the log; `details` is JSON."""

    number = AutoField()
    user = IntegerField()
    id = TextField(unique=True)
    kind = TextField()
    state = TextField()
    timestamp = TextField()
    source = TextField()
    summary = TextField()
    backup_id = TextField(null=True)
    undoes = IntegerField(null=True)
    undone_by = IntegerField(null=True)
    sha256 = TextField(null=True)
    details = TextField()

    class Meta:
        table_name = "operation"


class OperationChange(Model):
    """A compressed changeset: a part of what an operation changed, with its counts of rows."""

    operation = IntegerField()
    part = IntegerField()
    inserted = IntegerField()
    updated = IntegerField()
    deleted = IntegerField()
    lowest_trip = IntegerField(null=True)
    highest_trip = IntegerField(null=True)
    changeset = BlobField()

    class Meta:
        table_name = "operation_change"
        primary_key = CompositeKey("operation", "part")


class LeftOut(Model):
    """A compressed part of the records that an import skipped or rejected, with its counts of records."""

    operation = IntegerField()
    part = IntegerField()
    skipped = IntegerField()
    rejected = IntegerField()
    records = BlobField()

    class Meta:
        table_name = "left_out"
        primary_key = CompositeKey("operation", "part")


class Backup(Model):
    """A verified copy of the user's data."""

    number = AutoField()
    user = IntegerField()
    id = TextField(unique=True)
    format = TextField()
    path = TextField()
    size = IntegerField()
    sha256 = TextField()
    created_at = TextField()
    reason = TextField()
    operation_id = TextField(null=True)
    records = IntegerField()
    schema = IntegerField()

    class Meta:
        table_name = "backup"


class Preset(Model):
    """A remembered mapping: by name, or by the shape of the header where it has no name."""

    number = AutoField()
    user = IntegerField()
    name = TextField(null=True)
    header_shape = TextField()
    settings = TextField()
    used_at = TextField()

    class Meta:
        table_name = "preset"


class Rule(Model):
    """A validation rule as JSON."""

    user = IntegerField()
    id = TextField()
    position = IntegerField()
    rule = TextField()
    changed_by = IntegerField()

    class Meta:
        table_name = "rule"
        primary_key = CompositeKey("user", "id")


class ExportProfile(Model):
    """A named export configuration as JSON."""

    user = IntegerField()
    name = TextField()
    configuration = TextField()
    changed_by = IntegerField()

    class Meta:
        table_name = "export_profile"
        primary_key = CompositeKey("user", "name")


class Token(Model):
    """An API token: only its hash is kept."""

    id = TextField(primary_key=True)
    user = IntegerField()
    name = TextField()
    hash = TextField(unique=True)
    scope = TextField()
    created_at = TextField()
    expires_at = TextField(null=True)
    revoked_at = TextField(null=True)

    class Meta:
        table_name = "token"
