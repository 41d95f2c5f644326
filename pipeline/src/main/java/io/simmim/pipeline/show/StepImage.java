package io.simmim.pipeline.show;

import io.simmim.operators.image.ImagePath;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.pipeline.replay.PastImages;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.TensorChunk;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One image of a step.
 *
 * @param place in the step, from 1
 * @param chunk that it belongs to
 * @param index within the chunk
 * @param ref where its bytes are
 * @param rejection why the run could not use it; empty if it could
 */
record StepImage(int place, ChunkSplit chunk, int index, ImageRef ref, String rejection) {
  /**
   * The images of a step in the order in which the trainer gets them.
   *
   * @param chunks of the step, in order
   * @param rejections of the run, by the numbers of the images
   */
  static List<StepImage> of(List<ChunkSplit> chunks, Map<Long, String> rejections) {
    List<StepImage> images = new ArrayList<>();
    for (ChunkSplit chunk : chunks) {
      for (int i = 0; i < chunk.images().size(); i++) {
        ImageRef ref = chunk.images().get(i);
        String rejection = rejections.getOrDefault(ref.sampleId(), "");
        images.add(new StepImage(images.size() + 1, chunk, i, ref, rejection));
      }
    }
    return images;
  }

  /**
   * Makes the sample that the trainer got. An image that the run rejected is not tried again: it
   * may have ended the process that decoded it.
   *
   * @param path the run's
   * @param images of the run
   * @return a chunk of this image alone: empty, and with the reason, if it cannot be used
   */
  TensorChunk load(ImagePath path, PastImages images) {
    return path.apply(
        new EncodedChunk(
            chunk.chunk(),
            chunk.epoch(),
            chunk.firstPosition() + index,
            List.of(images.readIfThere(ref, rejection))));
  }
}
