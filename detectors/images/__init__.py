"""What a brand's logo looks like in a stranger's picture.

In the order in which a picture passes: decoding -> gate -> perceptual, regions, descriptor ->
search -> keypoints -> scoring -> explaining; `matching` is the way through all of them.
"""
