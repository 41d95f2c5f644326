package io.simmim.pipeline.report.story;

import java.time.Duration;
import java.time.Instant;

/**
 * Time between two steps in which no step was taken.
 *
 * @param afterStep the last step before it
 * @param from when that step ended
 * @param lasted until the next step began
 * @param validation whether the model was measured then
 */
public record Interruption(long afterStep, Instant from, Duration lasted, boolean validation) {}
