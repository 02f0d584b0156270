"""dinotui: a traveller's record of stays, moved in and out of files without losing one."""

__version__ = "0.1.0"
