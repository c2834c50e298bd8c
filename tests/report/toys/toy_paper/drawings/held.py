"""A straight line."""

from .figure_1 import draw as draw
