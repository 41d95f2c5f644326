/** Replays recordings of the reference implementation and compares the results. */
package io.simmim.trainer.parity;
