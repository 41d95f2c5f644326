/** How good a model is, measured on images whose classes are known. */
package io.simmim.pipeline.evaluate;
