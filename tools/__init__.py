"""What is around the library: tests, demo, measurements, packaging, and the virtual modem. Nothing here goes to a board."""
