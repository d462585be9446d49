"""Operations: health, metrics, logs, headers, documentation."""
