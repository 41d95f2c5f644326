/** What Flink is told for a job, and what it may be told besides. */
package io.simmim.pipeline.job.settings;
