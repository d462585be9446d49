"""Marshmallow schemas: one module per noun; they check what comes in and shape what goes out."""
