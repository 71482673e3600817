"""The worlds that tests live in: sessions, books, servers, a bot with people on its phones."""
