"""The study as FHIR R5 resources, to read and to search."""
