"""Whole journeys in headless Chromium on the built pages."""
