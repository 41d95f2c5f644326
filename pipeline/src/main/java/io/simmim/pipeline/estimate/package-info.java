/** What a run is going to take, before it starts, for {@code bin/simmim estimate}. */
package io.simmim.pipeline.estimate;
