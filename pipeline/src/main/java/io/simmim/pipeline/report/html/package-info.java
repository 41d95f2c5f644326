/** The report of a run as one page of HTML that needs nothing else. */
package io.simmim.pipeline.report.html;
