package io.simmim.pipeline.report.watched;

import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.watch.Pictures;
import io.simmim.schemas.storage.FolderContent;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;

/**
 * The pictures of a run that its page shows: the first, the last, and some evenly between them.
 *
 * @param count how many the run has
 * @param shown at most {@value #MOST}, in the order of their steps
 */
public record ShownPictures(long count, List<ShownPicture> shown) {
  /** So many are shown. */
  static final int MOST = 8;

  /** Of a run without any. */
  public static final ShownPictures NONE = new ShownPictures(0, List.of());

  private static final int LARGEST_FILE = 64 << 20;

  public ShownPictures {
    shown = List.copyOf(shown);
  }

  /**
   * Those of a run.
   *
   * @throws IOException if one cannot be read
   */
  public static ShownPictures of(RunFolder folder) throws IOException {
    TreeSet<Long> steps = new TreeSet<>();
    for (FileStatus file : FolderContent.of(folder.pictures())) {
      if (!file.isDir()) {
        Pictures.step(file.getPath().getName()).ifPresent(steps::add);
      }
    }
    List<ShownPicture> shown = new ArrayList<>();
    for (long step : chosen(List.copyOf(steps))) {
      shown.add(ShownPicture.of(step, bytes(Pictures.file(folder.root().toString(), step))));
    }
    return new ShownPictures(steps.size(), shown);
  }

  /** The first, the last, and some evenly between them. */
  static List<Long> chosen(List<Long> steps) {
    if (steps.size() <= MOST) {
      return steps;
    }
    List<Long> chosen = new ArrayList<>();
    for (int i = 0; i < MOST; i++) {
      chosen.add(steps.get((int) ((long) i * (steps.size() - 1) / (MOST - 1))));
    }
    return chosen;
  }

  private static byte[] bytes(Path file) throws IOException {
    try (InputStream in = file.getFileSystem().open(file)) {
      return in.readNBytes(LARGEST_FILE);
    }
  }
}
