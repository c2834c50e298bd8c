"""Settings that all tests share: Hypothesis profiles, and figures without a screen."""

import os

from hypothesis import HealthCheck, settings

os.environ.setdefault("MPLBACKEND", "Agg")

COMMON = {"deadline": None, "database": None, "print_blob": True}
settings.register_profile("fast", max_examples=10, derandomize=True, **COMMON)
settings.register_profile("default", max_examples=20, derandomize=True, **COMMON)
settings.register_profile("deep", max_examples=1000, suppress_health_check=[HealthCheck.too_slow], **COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
