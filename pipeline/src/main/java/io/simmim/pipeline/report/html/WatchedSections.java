package io.simmim.pipeline.report.html;

import static io.simmim.pipeline.report.html.Figures.count;
import static io.simmim.pipeline.report.html.Figures.number;

import io.simmim.pipeline.chart.Axis;
import io.simmim.pipeline.chart.Axis.Scale;
import io.simmim.pipeline.chart.Series;
import io.simmim.pipeline.report.story.Evaluations;
import io.simmim.pipeline.report.story.Thinned;
import io.simmim.pipeline.report.watched.ShownPicture;
import io.simmim.pipeline.report.watched.ShownPictures;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the model could do while it was trained: numbers, and pictures. */
final class WatchedSections {
  private WatchedSections() {}

  static void write(Html page, Evaluations evaluations, ShownPictures pictures) {
    if (evaluations.count() > 0) {
      page.begin("section").element("h2", "Evaluation over time");
      page.begin("div", "class", "charts");
      neighbours(page, evaluations);
      probe(page, evaluations);
      rank(page, evaluations);
      page.end().end();
    }
    if (!pictures.shown().isEmpty()) {
      pictures(page, pictures);
    }
  }

  private static void neighbours(Html page, Evaluations evaluations) {
    if (evaluations.votes().isEmpty()) {
      return;
    }
    List<Series> series = new ArrayList<>();
    List<String> last = new ArrayList<>();
    for (Evaluations.Votes votes : evaluations.votes()) {
      String name = String.format(Locale.ROOT, "%d neighbours", votes.neighbours());
      series.add(TrainingCharts.measured(name, series.size(), votes.top1(), 100));
      last.add(
          String.format(Locale.ROOT, "%s with %s", Figures.accuracy(votes.top1().last()), name));
    }
    TrainingCharts.figure(
        page,
        "neighbours",
        "Nearest neighbours",
        new Axis("images classified rightly in %", Scale.LINEAR),
        series,
        String.format(
            Locale.ROOT,
            "Top-1 of %s by their nearest neighbours is %s after the last of %s.",
            count(evaluations.images(), "image"),
            String.join(", ", last),
            count(evaluations.count(), "measurement")));
  }

  private static void probe(Html page, Evaluations evaluations) {
    if (evaluations.probeImages() == 0) {
      return;
    }
    Thinned probe = evaluations.probe();
    TrainingCharts.figure(
        page,
        "probe",
        "Linear probe",
        new Axis("images classified rightly in %", Scale.LINEAR),
        List.of(TrainingCharts.measured("best linear classifier", 0, probe, 100)),
        String.format(
            Locale.ROOT,
            "Top-1 of %s by the best linear classifier is %s now; it reads layer %s.",
            count(evaluations.probeImages(), "image"),
            Figures.accuracy(probe.last()),
            count(evaluations.probeLayer())));
  }

  private static void rank(Html page, Evaluations evaluations) {
    Thinned rank = evaluations.rank();
    TrainingCharts.figure(
        page,
        "effective-rank",
        "Effective rank of the features",
        new Axis("directions that are used", Scale.FROM_ZERO),
        List.of(TrainingCharts.measured("effective rank", 0, rank, 1)),
        String.format(
            Locale.ROOT,
            "Now %s of %s; features that collapse end near 1.",
            number(rank.last()),
            count(evaluations.width())));
  }

  private static void pictures(Html page, ShownPictures pictures) {
    page.begin("section").element("h2", "Reconstructions over time");
    page.element(
        "p",
        String.format(
            Locale.ROOT,
            "The same images each time; from above: masked, predicted, the prediction pasted in, original.%s",
            pictures.count() > pictures.shown().size()
                ? String.format(
                    Locale.ROOT,
                    " Shown are %s of %s.",
                    count(pictures.shown().size()),
                    count(pictures.count(), "picture"))
                : ""),
        "class",
        "soft");
    page.begin("div", "class", "charts");
    for (ShownPicture picture : pictures.shown()) {
      String caption = String.format(Locale.ROOT, "After step %s.", count(picture.step()));
      page.begin("figure").empty("img", "src", picture.address(), "alt", caption);
      page.element("figcaption", caption).end();
    }
    page.end().end();
  }
}
