/** Operations on the pixels of an image, each with the arithmetic of Pillow on x86-64. */
package io.simmim.operators.image.pixel;
