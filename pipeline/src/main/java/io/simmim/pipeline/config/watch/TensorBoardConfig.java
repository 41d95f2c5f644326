package io.simmim.pipeline.config.watch;

/**
 * What TensorBoard is told.
 *
 * @param enabled whether event files are written
 */
public record TensorBoardConfig(boolean enabled) {}
