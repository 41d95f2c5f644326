/** What a run asks of Flink: checkpoints, and machines for its parts. */
package io.simmim.pipeline.config.cluster;
