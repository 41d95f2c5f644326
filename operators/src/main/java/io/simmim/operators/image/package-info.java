/** From the bytes of an image to a training sample: decode, crop, flip, mask. */
package io.simmim.operators.image;
