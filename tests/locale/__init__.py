"""The catalogues of messages: how they are kept, and what holds them complete."""
