"""Models as features: what is learned from labelled bars, and what it says of later ones.

Tables: `engine_model`, `engine_training`.
Invariants: a model is kept in a form of our own, never as a pickle, and known by the hash of its content; it says
nothing about a bar that it could have learned from; every training is registered as a trial before it runs; figures on
the bars that were fitted never stand without those on bars that were not. Training needs the extra `models`; predicting
needs numpy only.
"""
