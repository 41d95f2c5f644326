package io.simmim.trainer.model.encoder;

/**
 * The part of an encoder whose features are its own: all of it, unless an objective puts more
 * behind it. It ends with a method of the encoder's source that has the arguments of {@code finish}
 * and returns fp32 (B * T, C), or what holds the same values: of each whole image its T tokens.
 *
 * @param segments how many calls of {@code block} belong to it, from the first one on
 * @param end name of the method
 * @param width C
 * @param classToken whether the first token of each image is a class token, before those of its
 *     cells
 */
public record Trunk(int segments, String end, int width, boolean classToken) {}
