/** What a page says of the configuration of a run. */
package io.simmim.pipeline.report.config;
