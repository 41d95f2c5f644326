/** Where a run tells what it did: metrics, rejected images, and a line for people. */
package io.simmim.pipeline.sink;
