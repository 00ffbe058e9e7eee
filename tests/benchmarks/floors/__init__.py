"""Small programs that the app is compared with: what the same work costs at least, or usually."""
