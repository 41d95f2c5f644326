/** How many decoders a running job needs, as its trainer's wait for data tells. */
package io.simmim.pipeline.rescale;
