/** What people are told of a job while it runs: its restarts, what it waits for, why it failed. */
package io.simmim.pipeline.job.told;
