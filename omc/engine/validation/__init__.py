"""Whether a result can be believed: look-ahead, warm-up, robustness, significance and overfitting.

Pure: documents and bars in, frozen findings out. Each finding says what it is made of in `plain()`, for JSON.
"""
