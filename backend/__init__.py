"""The backend: use cases, storage and the web API of the patient-reported safety system."""
