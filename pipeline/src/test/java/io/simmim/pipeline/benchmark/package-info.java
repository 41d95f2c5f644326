/** Measurements against servers, which no build runs. */
package io.simmim.pipeline.benchmark;
