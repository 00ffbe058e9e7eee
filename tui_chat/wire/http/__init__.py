"""HTTP itself: connections, proxies, redirects, and decompressed response bodies."""
