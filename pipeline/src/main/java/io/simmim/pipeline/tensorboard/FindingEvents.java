package io.simmim.pipeline.tensorboard;

import io.simmim.pipeline.sink.ShownNames;
import io.simmim.pipeline.watch.Pictures;
import io.simmim.schemas.evaluation.FeatureQuality;
import io.simmim.schemas.evaluation.FeatureQuality.Vote;
import io.simmim.schemas.evaluation.ModelFindings;
import io.simmim.schemas.storage.StorageFailure;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Pictures and measurements of the features while a model was trained. */
public final class FindingEvents extends EventSink<ModelFindings> {
  private static final Logger LOG = LoggerFactory.getLogger(FindingEvents.class);
  private static final int LARGEST_PICTURE = 64 << 20;

  private final String output;

  /**
   * @param folder on any Flink file system; no other's
   * @param output folder of the run, which has the pictures
   */
  public FindingEvents(Path folder, String output) {
    super(folder, "");
    this.output = output;
  }

  @Override
  long step(ModelFindings findings) {
    return findings.step();
  }

  @Override
  long epochMillis(ModelFindings findings) {
    return System.currentTimeMillis();
  }

  @Override
  Map<String, Double> scalars(ModelFindings findings) {
    Map<String, Double> values = new LinkedHashMap<>();
    if (findings.quality().isPresent()) {
      FeatureQuality quality = findings.quality().get();
      for (Vote vote : quality.votes()) {
        values.put(ShownNames.neighbours(vote.neighbours(), 1), vote.top1Share());
        values.put(ShownNames.neighbours(vote.neighbours(), 5), vote.top5Share());
      }
      values.put(ShownNames.EVALUATION.get("effective_rank"), quality.effectiveRank());
      quality
          .probe()
          .ifPresent(
              probe -> {
                values.put(ShownNames.EVALUATION.get("probe_top1"), probe.top1Share());
                values.put(ShownNames.EVALUATION.get("probe_top5"), probe.top5Share());
                values.put(ShownNames.EVALUATION.get("probe_layer"), (double) probe.layer());
              });
    }
    return values;
  }

  @Override
  Optional<EventPicture> picture(ModelFindings findings) {
    if (!findings.picture()) {
      return Optional.empty();
    }
    Path file = Pictures.file(output, findings.step());
    try (InputStream in = file.getFileSystem().open(file)) {
      return Optional.of(EventPicture.ofPng("reconstructions", in.readNBytes(LARGEST_PICTURE)));
    } catch (IOException e) {
      LOG.warn("TensorBoard is not told of {}: {}", file, StorageFailure.reason(e));
      return Optional.empty();
    }
  }
}
