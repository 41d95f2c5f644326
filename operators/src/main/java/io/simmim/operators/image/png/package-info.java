/** PNG, decoded in Java. */
package io.simmim.operators.image.png;
