package io.simmim.operators.arrival;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.catalog.Catalog;
import io.simmim.schemas.ImageRef;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class UnsortedImagesTest {
  @Test
  void mergesSortedPieces() throws Exception {
    UnsortedImages images = new UnsortedImages();
    TreeMap<String, Integer> expected = new TreeMap<>();
    Random random = new Random(1);
    for (int i = 0; i < 2 * UnsortedImages.PIECE + 100; i++) {
      String uri = "s3://b/%06d.jpg".formatted(random.nextInt(UnsortedImages.PIECE * 4));
      int length = random.nextInt(1000);
      images.add(new ImageRef(i, uri, 0, length));
      expected.putIfAbsent(uri, length);
    }
    images.add(new ImageRef(0, "s3://b/z.tar", 1024, 2, "second", "", ""));
    images.add(new ImageRef(0, "s3://b/z.tar", 512, 1, "first", "bad", ""));
    Catalog catalog = images.catalog(List.of("s3://b"));

    assertThat(catalog.roots()).containsExactly("s3://b");
    assertThat(catalog.size()).isEqualTo(expected.size() + 2);
    long id = 0;
    for (var entry : expected.entrySet()) {
      assertThat(catalog.ref(id))
          .isEqualTo(new ImageRef(id++, entry.getKey(), 0, entry.getValue()));
    }
    assertThat(catalog.ref(id)).isEqualTo(new ImageRef(id, "s3://b/z.tar", 512, 1, "first", "bad"));
    assertThat(catalog.ref(id + 1))
        .isEqualTo(new ImageRef(id + 1, "s3://b/z.tar", 1024, 2, "second", ""));
  }

  @Test
  void mayHaveNone() throws Exception {
    assertThat(new UnsortedImages().catalog(List.of()).size()).isZero();
  }
}
