/**
 * The Flink source of images in chunks: one of a catalog, one of arrivals, and what a checkpoint of
 * it tells.
 */
package io.simmim.operators.source;
