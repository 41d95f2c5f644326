package io.simmim.operators.trial;

import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.source.suspect.ChunkTrial;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decodes the images of a chunk one at a time in a process of their own, to find those that end the
 * process which decodes them: by a fault in native code, by memory that a container does not have,
 * or by never coming to an end.
 *
 * @param config how the run decodes
 * @param seed the run's seed, which decides the crops
 * @param jvmOptions of the process
 * @param limit time for one image
 */
public record ImageTrial(ImageConfig config, long seed, List<String> jvmOptions, Duration limit)
    implements ChunkTrial {
  private static final Logger LOG = LoggerFactory.getLogger(ImageTrial.class);
  private static final long serialVersionUID = 1;

  /** A large image on a busy machine takes seconds; what takes longer does not end. */
  private static final Duration LIMIT = Duration.ofMinutes(5);

  public ImageTrial {
    Objects.requireNonNull(config, "config");
    jvmOptions = List.copyOf(jvmOptions);
    Objects.requireNonNull(limit, "limit");
  }

  public ImageTrial(ImageConfig config, long seed) {
    this(config, seed, List.of(), LIMIT);
  }

  /** Where no process can be started, no image is refused from there on. */
  @Override
  public Map<Long, String> run(EncodedChunk chunk) throws InterruptedException {
    Map<Long, String> refused = new HashMap<>();
    try (TrialProcess process = new TrialProcess(this)) {
      for (int i = 0; i < chunk.images().size(); i++) {
        EncodedImage image = chunk.images().get(i);
        if (image.failure() == null) {
          String end = process.decode(chunk.epoch(), chunk.firstPosition() + i, image);
          if (!end.isEmpty()) {
            LOG.warn("{}: {}", image.ref().name(), end);
            refused.put(image.ref().sampleId(), end);
          }
        }
      }
    } catch (IOException e) {
      LOG.warn("Images cannot be tried in a process of their own; the rest are decoded untried", e);
    }
    LOG.info("{} of {} images ended the process", refused.size(), chunk.images().size());
    return refused;
  }
}
