"""Photos from a patient's phone, from the camera's bytes to who looks at them."""
