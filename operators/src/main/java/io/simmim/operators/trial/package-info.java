/** Tries images in a process of its own, so that one that ends its decoder cannot end a run. */
package io.simmim.operators.trial;
