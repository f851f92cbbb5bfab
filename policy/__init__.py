"""From probabilities to decisions, as pure functions. Imports only the contracts."""
