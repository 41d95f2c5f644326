/**
 * Images that keep arriving: what is known of each object, and in which order they are trained on.
 */
package io.simmim.operators.arrival;
