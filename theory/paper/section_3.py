"""Stated next."""
