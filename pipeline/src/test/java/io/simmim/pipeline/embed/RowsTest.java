package io.simmim.pipeline.embed;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.schemas.evaluation.EmbeddedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowsTest {
  static final List<EmbeddedImage> IMAGES =
      List.of(
          new EmbeddedImage("file:/a/1.jpg", "", "", 0, new float[] {1.5f, -2, 0}),
          new EmbeddedImage("file:/a/b.tar", "cat/ü.png", "cat", 0, new float[] {1e-30f, 4, 5}),
          new EmbeddedImage("file:/a/c.tar", "0.png", "", 0, new float[] {7, 8, 9}));

  /** {@code rows.parquet}: read by pyarrow, which gave these images. */
  @Test
  void writesTheStoredBytesOfAParquetFile() throws IOException {
    try (InputStream stored = RowsTest.class.getResourceAsStream("rows.parquet")) {
      assertThat(parquet(IMAGES)).isEqualTo(stored.readAllBytes());
    }
  }

  @Test
  void beginsAnotherRowGroupBeforeAFileNeedsMuchMemory() throws IOException {
    EmbeddedImage large = new EmbeddedImage("u", "", "", 1024, new float[3 << 20]);

    String file = new String(parquet(List.of(large, large, large)), StandardCharsets.ISO_8859_1);

    // Each group has its own page of the texts.
    assertThat(file.split("digest", -1)).hasSize(3 + 1);
    assertThat(file).contains("simmim.side").contains("1024").endsWith("PAR1");
    // 24 MiB are a group, 12 MiB the rest: the model's column of the first has both of its rows.
    assertThat(file.indexOf("digest", file.indexOf("digest") + 1) - file.indexOf("digest"))
        .isEqualTo("digest".length() + Integer.BYTES);
  }

  @Test
  void writesALineOfJsonPerImage() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    JsonRows rows = new JsonRows("digest");
    for (EmbeddedImage image : IMAGES.subList(0, 2)) {
      rows.encode(image, out);
    }
    rows.encode(new EmbeddedImage("u", "", "", 1, new float[] {Float.NaN}), out);

    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            {"uri":"file:/a/1.jpg","model":"digest","features":[1.5,-2.0,0.0]}
            {"uri":"file:/a/b.tar","member":"cat/ü.png","label":"cat","model":"digest","features":[1.0E-30,4.0,5.0]}
            {"uri":"u","model":"digest","side":1,"features":[null]}
            """);
  }

  static byte[] parquet(List<EmbeddedImage> images) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ParquetRows rows = new ParquetRows(out, "digest");
    for (EmbeddedImage image : images) {
      rows.addElement(image);
    }
    rows.finish();
    return out.toByteArray();
  }
}
