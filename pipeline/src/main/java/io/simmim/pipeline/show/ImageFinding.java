package io.simmim.pipeline.show;

import io.simmim.schemas.ImageRef;
import io.simmim.schemas.TensorChunk;
import java.util.Comparator;
import java.util.Locale;

/**
 * What is known of an image of a step.
 *
 * @param loss of the model at hand; NaN if it was not computed
 * @param problem why there is no sample of it; empty if there is one, or nobody has looked
 */
record ImageFinding(StepImage image, double loss, String problem) {
  /** Largest losses first; what has none comes last. */
  static final Comparator<ImageFinding> WORST_FIRST =
      Comparator.comparingDouble(
              (ImageFinding finding) ->
                  Double.isNaN(finding.loss) ? Double.NEGATIVE_INFINITY : finding.loss)
          .reversed()
          .thenComparingInt(finding -> finding.image.place());

  /** The heads of the columns. */
  static final String HEADER = "place\timage\tloss\tbytes\toffset\tname\tproblem";

  /** An image that is not looked at. */
  static ImageFinding unseen(StepImage image) {
    String known = image.rejection().isEmpty() ? image.ref().problem() : image.rejection();
    return new ImageFinding(image, Double.NaN, known);
  }

  /** The same, with the reason if there is no sample. */
  ImageFinding with(TensorChunk sample) {
    return sample.size() > 0
        ? this
        : new ImageFinding(image, Double.NaN, sample.rejected().get(0).reason());
  }

  ImageFinding with(double measured) {
    return new ImageFinding(image, measured, problem);
  }

  /** A line of columns that tabs separate. */
  String line() {
    ImageRef ref = image.ref();
    return String.format(
        Locale.ROOT,
        "%d\t%d\t%s\t%d\t%d\t%s\t%s",
        image.place(),
        ref.sampleId(),
        Double.isNaN(loss) ? "-" : String.format(Locale.ROOT, "%.4f", loss),
        ref.length(),
        ref.offset(),
        ref.name(),
        problem);
  }
}
