"""The trading language: pure, frozen, Decimal. Imports only the standard library; everyone may use it."""
