/** The Flink source of images in chunks, whatever its plan, and what a checkpoint tells of it. */
package io.simmim.operators.source;
