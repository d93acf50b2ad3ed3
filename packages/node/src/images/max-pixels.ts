/** How large a picture may be. */

/**
 * A picture that claims more pixels is refused before anything is allocated, unless `--max-pixels` allows more: Pillow's
 * own limit, half a gigabyte of RGB. Source: Pillow 13, Image.py: DecompressionBombError above twice MAX_IMAGE_PIXELS.
 */
export const defaultMaxPixels = 178_956_970;
