/** Charts as SVG: alone in a file, or within a page. */
package io.simmim.pipeline.chart;
