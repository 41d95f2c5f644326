package io.simmim.pipeline.embed;

import io.simmim.schemas.Normalization;
import java.io.Serializable;

/**
 * The model of a job, as its tasks are told of it.
 *
 * @param folder of the model
 * @param digest SHA-256 of its weights
 * @param imageSize side of the images that it takes
 * @param maskSide side of its masks
 * @param normalization how they are shown to it
 * @param device {@code cpu}, or {@code gpu0} and so on
 */
public record EmbedModel(
    String folder,
    String digest,
    int imageSize,
    int maskSide,
    Normalization normalization,
    String device)
    implements Serializable {}
