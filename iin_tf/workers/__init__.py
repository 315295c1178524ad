"""Several processes that train one model together: who they are, and what they agree on."""
