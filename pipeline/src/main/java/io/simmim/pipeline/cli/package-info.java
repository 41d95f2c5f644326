/** The command line: parses arguments, runs one command, tells errors in one line. */
package io.simmim.pipeline.cli;
