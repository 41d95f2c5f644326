/**
 * From the catalog to a stream of compressed chunks: the plan of a run, its FLIP-27 source, and the
 * parallel fetching of objects.
 */
package io.simmim.operators.source;
