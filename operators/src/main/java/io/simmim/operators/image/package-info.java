/**
 * The image path: from the compressed bytes of a chunk to uint8 pixels and mask bits. Everything
 * random is a pure function of (seed, epoch, position).
 */
package io.simmim.operators.image;
