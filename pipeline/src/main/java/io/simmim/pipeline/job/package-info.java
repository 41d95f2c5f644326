/** The job graph, how it runs, and the folder of a run: what it keeps and how it is resumed. */
package io.simmim.pipeline.job;
