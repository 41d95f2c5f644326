/** Tells formats apart, and chooses the decoder of each. */
package io.simmim.operators.image.format;
