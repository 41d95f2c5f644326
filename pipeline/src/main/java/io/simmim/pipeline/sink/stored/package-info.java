/** Reads the lines that sinks have written, or are writing. */
package io.simmim.pipeline.sink.stored;
