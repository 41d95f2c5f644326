package io.simmim.pipeline.show;

import io.simmim.schemas.ImageRef;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.text.PrintableText;
import java.util.Comparator;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What is known of an image of a step.
 *
 * @param loss of the model, if it was computed
 * @param problem why there is no sample of it; empty if there is one, or nobody has looked
 */
record ImageFinding(StepImage image, OptionalDouble loss, String problem) {
  /** Largest losses first, before them those that are no numbers; what has none comes last. */
  static final Comparator<ImageFinding> WORST_FIRST =
      Comparator.comparingDouble(
              (ImageFinding finding) -> finding.loss.orElse(Double.NEGATIVE_INFINITY))
          .reversed()
          .thenComparingInt(finding -> finding.image.place());

  /** The heads of the columns. */
  static final String HEADER = "place\timage\tloss\tbytes\toffset\tname\tproblem";

  /** An image that is not looked at. */
  static ImageFinding unseen(StepImage image) {
    String known = image.rejection().isEmpty() ? image.ref().problem() : image.rejection();
    return new ImageFinding(image, OptionalDouble.empty(), known);
  }

  /** The same, with the reason if there is no sample. */
  ImageFinding with(TensorChunk sample) {
    return sample.size() > 0
        ? this
        : new ImageFinding(image, OptionalDouble.empty(), sample.rejected().get(0).reason());
  }

  ImageFinding with(double measured) {
    return new ImageFinding(image, OptionalDouble.of(measured), problem);
  }

  /** A line of columns that tabs separate, whatever stands in names. */
  String line() {
    ImageRef ref = image.ref();
    return String.format(
        Locale.ROOT,
        "%d\t%d\t%s\t%d\t%d\t%s\t%s",
        image.place(),
        ref.sampleId(),
        loss.isPresent() ? String.format(Locale.ROOT, "%.4f", loss.getAsDouble()) : "-",
        ref.length(),
        ref.offset(),
        PrintableText.of(ref.name()),
        PrintableText.of(problem));
  }
}
