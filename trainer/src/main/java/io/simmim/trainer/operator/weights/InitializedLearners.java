package io.simmim.trainer.operator.weights;

import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.LocalCopy;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.loop.LearnerConfig;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.weights.FittedWeights;
import io.simmim.trainer.weights.WeightsReference;
import java.io.IOException;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Models that begin with the weights of a file instead of drawn ones. The file is read where the
 * model is made, and only then: what is restored from a checkpoint does not need it any more.
 */
public final class InitializedLearners implements Learner.Factory {
  private static final long serialVersionUID = 1;
  private static final Logger LOG = LoggerFactory.getLogger(InitializedLearners.class);

  private final WeightsReference reference;
  private final Learner.Factory learners;

  public InitializedLearners(WeightsReference reference, Learner.Factory learners) {
    this.reference = reference;
    this.learners = learners;
  }

  @Override
  public Learner create(LearnerConfig config, InitialState initial) throws IOException {
    if (!(initial instanceof InitialState.Random)) {
      return learners.create(config, initial);
    }
    try (LocalCopy file = open()) {
      if (!file.sha256().equals(reference.sha256())) {
        throw new UserError(
            "init-from is not what it was when the run was prepared: %s (%s then)"
                .formatted(reference.uri(), reference.digest()));
      }
      try (FittedWeights weights =
          config.fit(reference.uri(), GivenWeights.open(new Path(reference.uri()), file.path()))) {
        LOG.info("beginning with the weights in {} ({})", reference.uri(), reference.digest());
        weights.notes().forEach(LOG::info);
        return learners.create(config, new InitialState.Weights(weights, weights.drawn()));
      }
    }
  }

  private LocalCopy open() throws IOException {
    Path path = new Path(reference.uri());
    try {
      path.getFileSystem().getFileStatus(path);
      return LocalCopy.of(path);
    } catch (IOException e) {
      if (StorageFailure.isRefusal(e)) {
        throw new UserError(
            "init-from cannot be read where the model is trained: %s (%s)"
                .formatted(reference.uri(), StorageFailure.reason(e)),
            e);
      }
      throw e;
    }
  }
}
