/** One run for an output: who has it, who may take it, and how the other one learns of it. */
package io.simmim.pipeline.run.lease;
