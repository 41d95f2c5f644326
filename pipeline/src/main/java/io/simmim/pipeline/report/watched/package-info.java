/** The pictures of a run as its page shows them. */
package io.simmim.pipeline.report.watched;
