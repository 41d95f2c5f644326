/** What the output of a run tells: read, added up and thinned out, whatever its length. */
package io.simmim.pipeline.report.story;
