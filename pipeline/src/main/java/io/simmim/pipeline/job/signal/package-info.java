/**
 * What a signal does to this process beside a job: before the job runs, and when a second one
 * comes.
 */
package io.simmim.pipeline.job.signal;
