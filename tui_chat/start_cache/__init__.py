"""Files in the cache folder that shorten the next start. The program works the same without them."""
