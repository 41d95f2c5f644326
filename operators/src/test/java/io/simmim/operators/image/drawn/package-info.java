/** Images and masks that tests draw, also such as no encoder writes. */
package io.simmim.operators.image.drawn;
