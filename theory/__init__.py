"""Symbols: what things are, and what is true of them. SymPy in; formulas, array functions and proofs out."""
