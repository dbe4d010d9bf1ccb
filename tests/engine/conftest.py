"""Properties of the engine run on a busy machine: how long one example takes is not what they are about."""

from hypothesis import settings

from omc.engine.kernels import be_impatient

be_impatient()  # long loops are compiled whatever test ran before
settings.register_profile("engine", deadline=None)
settings.load_profile("engine")
