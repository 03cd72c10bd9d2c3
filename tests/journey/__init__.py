"""Tests of whole journeys, by the API and in a browser."""
