/** Commands that use a model and train none. */
package io.simmim.pipeline.cli.evaluate;
