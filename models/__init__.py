"""From text to calibrated probabilities. Imports only the contracts."""
