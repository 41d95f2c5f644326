/** The commands that measure one half of the job alone. */
package io.simmim.pipeline.cli.bench;
