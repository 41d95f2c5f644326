package io.simmim.trainer.operator;

import io.simmim.schemas.evaluation.EpochAccuracy;
import io.simmim.trainer.device.Validation;
import io.simmim.trainer.export.CopyListener;
import io.simmim.trainer.export.ExportListener;
import io.simmim.trainer.export.ModelExporter;
import io.simmim.trainer.export.ValidationListener;
import io.simmim.trainer.histogram.HistogramListener;
import io.simmim.trainer.loop.StepListener;
import io.simmim.trainer.operator.progress.ProgressNote;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Who follows the training, in the order in which they are told. */
final class TrainingListeners {
  private TrainingListeners() {}

  static List<StepListener> of(
      TrainingOperatorConfig training,
      TrainingEvents events,
      ProgressNote note,
      ModelExporter exporter) {
    List<StepListener> listeners = new ArrayList<>();
    listeners.add(events);
    if (training.histograms().isOn()) {
      listeners.add(
          new HistogramListener(training.plan(), training.histograms(), events::distributed));
    }
    Supplier<Optional<EpochAccuracy>> accuracy = Optional::empty;
    Optional<Validation.Factory> factory = training.trainer().validation();
    if (factory.isPresent()) {
      ValidationListener validation =
          new ValidationListener(
              training.plan(),
              training.output(),
              factory.get().create(),
              exporter,
              events::measured);
      listeners.add(validation);
      accuracy = validation::latest;
    }
    if (training.copies().isOn()) {
      listeners.add(
          new CopyListener(
              training.plan(), training.copies(), training.output(), exporter, events::copyDue));
    }
    listeners.add(
        new ExportListener(
            training.plan(), training.export(), training.output(), exporter, accuracy));
    listeners.add(note); // forgets what was before, once nobody else keeps training from beginning
    return listeners;
  }
}
