package io.simmim.pipeline.embed;

import io.simmim.operators.catalog.label.FolderClass;
import io.simmim.operators.catalog.label.LabelFile;
import io.simmim.operators.catalog.label.LabelTable;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/** Where the classes of images are; travels with the job. */
public sealed interface LabelSource extends Serializable {
  /**
   * Makes them ready for a task.
   *
   * @throws SuppressRestartsException if they are not there, or others by now
   * @throws IOException if storage fails and may be back
   */
  Opened open() throws IOException;

  /** The classes themselves, until this is closed. */
  interface Opened extends AutoCloseable {
    /** The name of an image's class; empty if it has none. */
    String of(ImageRef image);

    @Override
    default void close() {}
  }

  /** No image has a class. */
  record None() implements LabelSource {
    @Override
    public Opened open() {
      return image -> "";
    }
  }

  /**
   * Those of a catalog, by the numbers of its images. All tasks of a process have one table of four
   * bytes per image.
   *
   * @param path of the {@link LabelFile}
   * @param digest of this file
   */
  record Listed(String path, String digest) implements LabelSource {
    private static final Shared<LabelTable> OPEN = new Shared<>(table -> {});

    @Override
    public Opened open() throws IOException {
      Shared.Use<LabelTable> table = OPEN.open(path + " " + digest, this::load);
      return new Opened() {
        @Override
        public String of(ImageRef image) {
          int number = table.value().of(image.sampleId());
          return number == LabelTable.NONE ? "" : table.value().classes().get(number);
        }

        @Override
        public void close() {
          table.close();
        }
      };
    }

    private LabelTable load() throws IOException {
      try {
        LabelFile file = LabelFile.read(new Path(path));
        if (!file.digest().equals(digest)) {
          throw new UserError("the labels are not those that the job began with: " + path);
        }
        return file.labels();
      } catch (UserError e) {
        throw new SuppressRestartsException(e);
      } catch (IOException e) {
        if (StorageFailure.isRefusal(e)) {
          throw new SuppressRestartsException(
              new UserError(
                  "the labels cannot be read: %s (%s)".formatted(path, StorageFailure.reason(e)),
                  e));
        }
        throw e;
      }
    }
  }

  /** What the folders of images that keep arriving tell. */
  record Folders(FolderClass folders) implements LabelSource {
    /**
     * @param inputs the folders that images arrive in
     */
    public Folders(List<String> inputs) {
      this(new FolderClass(inputs));
    }

    @Override
    public Opened open() {
      return image -> folders.of(image).orElse("");
    }
  }
}
