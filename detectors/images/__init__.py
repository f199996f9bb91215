"""What a brand's logo looks like in a stranger's picture.

In the order in which a picture passes:
- `decoding` (`ground`, `svg`): bytes to `picture`, in a process of its own;
- `gate`: pictures that say nothing;
- `perceptual`, `regions` (`background`), `descriptor`: what it is, in bits;
- `gallery`, `search`: the watched logos, and which is nearest;
- `agreement` (`keypoints`, `flatness`, `forms`, `pool`, `similarity`, `claims`, `edges`): whether
  they agree on a place; `inside`: anywhere on a page;
- `scoring`: what all this is worth; `matching` is the way through;
- `explaining` (`aligning`, `surroundings`, `colouring`, `edits`): what was done to the logo;
- `observed`: rows to be stored.
"""
