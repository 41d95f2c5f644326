/** What one run is before its job is built: its images, its plan, and where it continues. */
package io.simmim.pipeline.run;
