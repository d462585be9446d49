"""The pages, driven in a real Chromium over the demo's data."""
