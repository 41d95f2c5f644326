/** The job graph, how it is run in this process or on a cluster, and how it is stopped. */
package io.simmim.pipeline.job;
