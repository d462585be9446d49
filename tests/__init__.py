"""Tests: they mirror the packages, plus flow/ for whole ways through the system."""
