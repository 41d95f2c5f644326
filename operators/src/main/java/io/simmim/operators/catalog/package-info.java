/**
 * Which images exist: listing on any Flink file system, a compact form in memory, and the versioned
 * file that checkpoints refer to by path and digest.
 */
package io.simmim.operators.catalog;
