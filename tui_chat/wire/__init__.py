"""Talk HTTP to model endpoints and turn response bytes into events. Only this package uses httpx."""
