"""What is wrong with labelled files, found before hours are spent on training."""
