/** Which part of an image a sample shows, and how it is resized. */
package io.simmim.operators.image.crop;
