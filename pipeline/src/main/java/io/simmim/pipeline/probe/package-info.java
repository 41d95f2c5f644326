/** A linear probe: how well a linear classifier tells classes by a model's features. */
package io.simmim.pipeline.probe;
