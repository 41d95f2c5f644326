/** The report of runs, served while they go on. */
package io.simmim.pipeline.report.serve;
