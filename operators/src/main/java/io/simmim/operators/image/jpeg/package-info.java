/**
 * JPEG: our own decoder of the common kind, and the walk over all others before a library sees
 * them.
 */
package io.simmim.operators.image.jpeg;
