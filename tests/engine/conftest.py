"""Properties of the engine run on a busy machine: how long one example takes is not what they are about."""

from hypothesis import settings

settings.register_profile("engine", deadline=None)
settings.load_profile("engine")
