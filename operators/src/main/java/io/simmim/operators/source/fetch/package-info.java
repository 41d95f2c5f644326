/** Reads images out of objects: ranges, attempts, limits, and whether storage is there at all. */
package io.simmim.operators.source.fetch;
