/** Steps of a run trained again, from the checkpoint before them or from the beginning. */
package io.simmim.pipeline.replay;
