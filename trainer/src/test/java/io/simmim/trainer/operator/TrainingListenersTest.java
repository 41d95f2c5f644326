package io.simmim.trainer.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.trainer.loop.StepListener;
import io.simmim.trainer.operator.progress.ProgressNote;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingListenersTest {
  /** It forgets then what the run had reached. Training begins again if another one fails. */
  @Test
  void theNoteIsTheLastThatHearsOfTheBeginning(@TempDir Path output) {
    try (ProgressNote note = new ProgressNote(output.toUri().toString())) {
      List<StepListener> listeners =
          TrainingListeners.of(TestRuns.config(output, 1, TestRuns.LENIENT), null, note, null);

      assertThat(listeners).hasSizeGreaterThan(2).last().isSameAs(note);
    }
  }
}
