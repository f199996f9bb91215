"""What the source `mastodon` is made of: accounts as they are read, servers as they are named."""
