/** Flink's settings of a job: those that it needs, and those that users may change. */
package io.simmim.pipeline.job.settings;
