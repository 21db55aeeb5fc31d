"""What the end-to-end tests stand on: programs under test, daemons, registries, images."""
