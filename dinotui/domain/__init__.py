"""What the words mean: types and rules, no input or output."""

import os

# Looking for plugins of pydantic reads every installed package, at each start; none has a part in this program.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
