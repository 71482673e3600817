"""Running a session: regulations, records, demonstrations, and the command line over them."""
