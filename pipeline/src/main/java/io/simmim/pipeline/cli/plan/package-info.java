/** The commands that help before anything runs. */
package io.simmim.pipeline.cli.plan;
