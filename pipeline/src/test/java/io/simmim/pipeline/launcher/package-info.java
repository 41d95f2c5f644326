/** What {@code bin/simmim} and {@code bin/gpu-check} do before Java does anything. */
package io.simmim.pipeline.launcher;
