package io.simmim.schemas.evaluation;

import java.util.Objects;

/**
 * What a model makes of one image.
 *
 * @param uri the object that holds the image, on any Flink file system
 * @param member name of the image in the tar shard {@code uri}; empty if the object is the image
 * @param label name of its class; empty if it has none
 * @param side h if the features are a map of h × h cells, 0 if they are one vector
 * @param features (C), or (h, h, C), rows before columns. Not copied: treat as read-only
 */
public record EmbeddedImage(String uri, String member, String label, int side, float[] features) {
  public EmbeddedImage {
    Objects.requireNonNull(uri, "uri");
    Objects.requireNonNull(member, "member");
    Objects.requireNonNull(label, "label");
    Objects.requireNonNull(features, "features");
  }
}
