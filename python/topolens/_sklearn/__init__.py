"""Parts of the estimators."""
