/** Commands that compute what needs no training. */
package io.simmim.pipeline.cli.analyze;
