"""The convergence bounds as functions of their constants: those that the paper prints, and those that its proof gives.

Plain arithmetic, so that one function serves proofs (SymPy symbols), counterexamples (exact rationals) and figures
(arrays). Names follow the paper: gap = f(W_0) - f*, S = the amplification factor, K = the number of steps.
"""
