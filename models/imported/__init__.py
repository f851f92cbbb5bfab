"""Models of others' making: scikit-learn pipelines, lowered to weights where they are linear over n-grams."""
