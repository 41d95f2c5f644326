/** Commands that tests run, and the runs and machines that these are for. */
package io.simmim.pipeline.command;
