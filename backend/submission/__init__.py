"""Files for regulators: SDTM and ADaM datasets as XPT and Dataset-JSON, with define.xml."""
