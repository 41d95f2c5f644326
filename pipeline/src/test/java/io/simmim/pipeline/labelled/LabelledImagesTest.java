package io.simmim.pipeline.labelled;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.CatalogBuilder;
import io.simmim.operators.catalog.label.Labeling;
import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.schemas.OwnJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelledImagesTest {
  private static final int IMAGES = 500_000;

  @TempDir private Path directory;

  /** Leaves out the one image without a class. */
  public static void main(String[] arguments) throws IOException {
    CatalogBuilder builder = new CatalogBuilder();
    for (int i = 0; i < IMAGES; i++) {
      builder.add(String.format(Locale.ROOT, "s3://bucket/train/class/%080d.jpg", i), 100_000);
    }
    builder.add("s3://bucket/train/without.jpg", 100_000);
    Catalog catalog = builder.build(List.of("s3://bucket/train"));
    LabelledImages all =
        new LabelledImages("--input", catalog, Labeling.of(catalog, ShardReading.defaults()));
    System.out.println(all.onlyLabelled().catalog().size());
  }

  /** As objects these images take some 120 MB. */
  @Test
  void leavesOutImagesWithoutAClassInTheMemoryOfTheirLists() throws Exception {
    List<String> lines =
        OwnJvm.run(LabelledImagesTest.class, directory.resolve("output"), "-Xmx80m");

    assertThat(lines).last().isEqualTo("" + IMAGES);
  }
}
