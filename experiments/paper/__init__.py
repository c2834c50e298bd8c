"""The paper's figures and theorems as experiments: the exact set-up, the data it yields, and what the data says."""
