/** Commands that show what a run has done. */
package io.simmim.pipeline.cli.show;
