package io.simmim.pipeline.watch;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.catalog.label.LabelFile;
import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.operators.catalog.listing.Listing;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.labelled.LabelledImages;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.watch.WatchedImages.Labelled;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import io.simmim.schemas.random.KeyedPermutation;
import io.simmim.schemas.storage.StorageFailure;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.flink.core.fs.Path;

/**
 * Chooses the images that a model is looked at with, when a run starts, and keeps the lists in its
 * output: so every look has the same images, also after the run was continued. They are chosen anew
 * if the keys that name them have changed.
 */
public final class WatchedLists {
  private static final String PICTURES = "pictures";
  private static final String RANK = "rank";
  private static final String BANK = "bank";
  private static final String VALIDATION = "validation";
  private static final String LABELS = "-labels";
  private static final String KEYS = "keys";

  /** No epoch of training has this number, so images are drawn in an order of their own. */
  private static final int DRAWING = -1;

  private final SimmimConfig config;
  private final RunFolder folder;
  private final Optional<CatalogReference> trained;
  private final Consumer<String> say;

  private WatchedLists(
      SimmimConfig config,
      RunFolder folder,
      Optional<CatalogReference> trained,
      Consumer<String> say) {
    this.config = config;
    this.folder = folder;
    this.trained = trained;
    this.say = say;
  }

  /**
   * The images of a run; chosen and written if they are not there yet.
   *
   * @param trained the list of the run; nothing if images keep arriving
   * @param allowed is asked before anything is written, and throws if it must not be
   * @param say takes lines for people
   * @throws UserError if images cannot be listed or have no classes
   */
  public static WatchedImages prepare(
      SimmimConfig config,
      RunFolder folder,
      Optional<CatalogReference> trained,
      Runnable allowed,
      Consumer<String> say) {
    WatchedLists lists = new WatchedLists(config, folder, trained, say);
    try {
      String keys = lists.keys();
      Path file = lists.file(KEYS);
      if (!folder.read(file).equals(Optional.of(keys))) {
        allowed.run();
        folder.files().mkdirs(folder.watched());
        Chosen chosen = lists.chosen();
        folder
            .files()
            .delete(file, false); // lists of two configurations would have the keys of one
        lists.write(chosen);
        folder.write(file, keys);
      }
      return lists.read();
    } catch (IOException e) {
      throw new UserError(
          String.format(
              Locale.ROOT,
              "cannot keep the images of pictures and evaluations in %s: %s",
              RunFolder.readable(folder.watched()),
              StorageFailure.reason(e)),
          e);
    }
  }

  /** What the lists follow from. */
  private String keys() {
    StringBuilder keys = new StringBuilder("format: 1\n");
    keys.append("seed: ").append(config.seed()).append('\n');
    keys.append("catalog: ").append(trained.map(CatalogReference::digest).orElse("none"));
    keys.append('\n');
    if (config.pictures().isOn()) {
      keys.append("pictures.images: ").append(config.pictures().images()).append('\n');
      keys.append("pictures.input: ").append(config.pictures().input()).append('\n');
    }
    if (config.eval().isOn()) {
      keys.append("eval.rank-images: ").append(config.eval().rankImages()).append('\n');
      keys.append("eval.input: ").append(config.eval().input()).append('\n');
      keys.append("eval.validation: ").append(config.eval().validation()).append('\n');
    }
    return keys.toString();
  }

  /** What was found in storage; nothing of it is written yet. */
  private record Chosen(
      Optional<Catalog> pictures,
      Optional<Catalog> rank,
      Optional<LabelledImages> bank,
      Optional<LabelledImages> validation) {}

  private Chosen chosen() throws IOException {
    Optional<Catalog> pictures = Optional.empty();
    if (config.pictures().isOn()) {
      List<String> input = config.pictures().input();
      Catalog from = input.isEmpty() ? trained() : listed("pictures.input", input);
      pictures = Optional.of(drawn(from, config.pictures().images()));
    }
    if (!config.eval().isOn()) {
      return new Chosen(pictures, Optional.empty(), Optional.empty(), Optional.empty());
    }
    Optional<LabelledImages> bank = Optional.empty();
    Optional<LabelledImages> validation = Optional.empty();
    if (!config.eval().input().isEmpty()) {
      LabelledImages first = labelled("eval.input", config.eval().input());
      bank = Optional.of(first);
      validation =
          Optional.of(labelled("eval.validation", config.eval().validation()).numberedAs(first));
    }
    Catalog from = trained.isPresent() ? trained() : bank.orElseThrow().catalog();
    return new Chosen(
        pictures, Optional.of(drawn(from, config.eval().rankImages())), bank, validation);
  }

  private void write(Chosen chosen) throws IOException {
    if (chosen.pictures.isPresent()) {
      chosen.pictures.get().write(file(PICTURES).toString());
    }
    if (chosen.rank.isPresent()) {
      chosen.rank.get().write(file(RANK).toString());
    }
    if (chosen.bank.isPresent()) {
      write(chosen.bank.get(), BANK);
      write(chosen.validation.orElseThrow(), VALIDATION);
    }
  }

  private void write(LabelledImages images, String name) throws IOException {
    images.catalog().write(file(name).toString());
    LabelFile.write(images.labels(), images.catalog().size(), file(name + LABELS));
  }

  /** Whoever cannot read them later would say so at each picture and evaluation. */
  private WatchedImages read() throws IOException {
    boolean neighbours = config.eval().isOn() && !config.eval().input().isEmpty();
    try {
      return new WatchedImages(
          config.pictures().isOn() ? reference(PICTURES) : null,
          config.eval().isOn() ? reference(RANK) : null,
          neighbours ? labelled("eval.input", BANK) : null,
          neighbours ? labelled("eval.validation", VALIDATION) : null);
    } catch (UserError | FileNotFoundException e) {
      throw new UserError(
          String.format(
              Locale.ROOT,
              "%s; without the folder %s the same command chooses these images anew",
              e instanceof IOException missing ? StorageFailure.reason(missing) : e.getMessage(),
              RunFolder.readable(folder.watched())),
          e);
    }
  }

  private Labelled labelled(String option, String name) throws IOException {
    Labelled labelled = new Labelled(option, reference(name), file(name + LABELS).toString());
    labelled.read();
    return labelled;
  }

  private CatalogReference reference(String name) throws IOException {
    String path = file(name).toString();
    Catalog catalog = Catalog.read(path);
    return new CatalogReference(path, catalog.digest(), catalog.size());
  }

  private Path file(String name) {
    return new Path(folder.watched(), name);
  }

  private Catalog trained() throws IOException {
    return Catalog.read(trained.orElseThrow());
  }

  private Catalog listed(String option, List<String> input) {
    try {
      Listing listing = CatalogLister.listing(input, excluded(), config.fetch().shardReading());
      listing.notes().forEach(line -> say.accept(option + ": " + line));
      return listing.requireImages();
    } catch (UserError e) {
      throw new UserError(option + ": " + e.getMessage(), e);
    }
  }

  private LabelledImages labelled(String option, List<String> input) {
    return LabelledImages.list(option, input, excluded(), config.fetch(), say);
  }

  /** A run does not look at what it wrote itself. */
  private List<String> excluded() {
    return List.of(folder.root().toString());
  }

  /** Some images of a list, in its order; which ones follows from the seed. */
  private Catalog drawn(Catalog from, int most) throws IOException {
    KeyedPermutation order = new KeyedPermutation(config.seed(), DRAWING, from.size());
    TreeSet<Long> ids = new TreeSet<>();
    for (long position = 0; position < from.size() && ids.size() < most; position++) {
      long id = order.imageAt(position);
      if (from.ref(id).problem().isEmpty()) {
        ids.add(id);
      }
    }
    List<ImageRef> images = ids.stream().map(from::ref).toList();
    if (images.isEmpty()) {
      throw new UserError("there is no image to draw for pictures or evaluations");
    }
    return Catalog.of(images, from.roots());
  }
}
