/** Benchmarks of whole stages, for {@code bin/simmim bench}. */
package io.simmim.pipeline.bench;
