"""Pictures of the trial: what is drawn, from analysis records, as SVG, PNG or PDF."""
