/**
 * The job graph, how it is run in this process or on a cluster, and what is told of its failures.
 */
package io.simmim.pipeline.job;
