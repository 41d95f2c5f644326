/** What the checkpoints of a run took. */
package io.simmim.pipeline.report.checkpoint;
