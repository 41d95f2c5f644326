package io.simmim.operators.catalog.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.flink.core.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelFileTest {
  /** Magic number, version, classes cat and dog, three images: dog, none, cat. */
  private static final String VERSION_1 =
      "534d4c4200000001000000020003636174" + "0003646f670000000300000001ffffffff00000000";

  /** The same with CRC-32C. */
  private static final String VERSION_2 =
      VERSION_1.replaceFirst("00000001", "00000002") + "c40ba8eb";

  @TempDir private java.nio.file.Path folder;

  private Path file() {
    return new Path(folder.resolve("labels").toUri());
  }

  private static LabelTable table() {
    return new LabelTable(List.of("cat", "dog"), new int[] {1, LabelTable.NONE, 0}, 0, "");
  }

  @Test
  void writesVersion2() throws Exception {
    LabelFile.write(table(), 3, file());

    assertThat(folder.resolve("labels")).hasBinaryContent(HexFormat.of().parseHex(VERSION_2));
    assertReadsTable();
  }

  @Test
  void readsVersion1() throws Exception {
    Files.write(folder.resolve("labels"), HexFormat.of().parseHex(VERSION_1));

    assertReadsTable();
  }

  private void assertReadsTable() throws IOException {
    LabelFile read = LabelFile.read(file());
    assertThat(read.labels().classes()).containsExactly("cat", "dog");
    assertThat(read.labels().toArray()).containsExactly(1, LabelTable.NONE, 0);
    assertThat(read.digest()).hasSize(64);
  }

  @Test
  void refusesWhatIsCutOffOrLies() throws Exception {
    byte[] good = HexFormat.of().parseHex(VERSION_1);
    for (int length = 0; length < good.length; length++) {
      assertDamaged(Arrays.copyOf(good, length));
    }
    byte[] unknownClass = good.clone();
    unknownClass[unknownClass.length - 1] = 2;
    assertDamaged(unknownClass);
    assertDamaged(Arrays.copyOf(good, good.length + 3));
    byte[] noText = good.clone();
    noText[14] = (byte) 0xff;
    assertDamaged(noText);
    byte[] manyImages = good.clone();
    manyImages[22] = 0x7f;
    assertDamaged(manyImages);
  }

  @Test
  void refusesAnyOtherBit() throws Exception {
    byte[] good = HexFormat.of().parseHex(VERSION_2);
    for (int position = 8; position < good.length; position++) {
      byte[] damaged = good.clone();
      damaged[position] ^= 1;
      assertDamaged(damaged);
    }
  }

  private void assertDamaged(byte[] bytes) throws Exception {
    Files.write(folder.resolve("labels"), bytes);
    assertThatThrownBy(() -> LabelFile.read(file()))
        .isInstanceOf(UserError.class)
        .hasMessage("%s is damaged".formatted(file()));
  }

  @Test
  void namesAVersionThatItDoesNotKnow() throws Exception {
    byte[] later = HexFormat.of().parseHex(VERSION_1);
    later[7] = 3;
    Files.write(folder.resolve("labels"), later);

    assertThatThrownBy(() -> LabelFile.read(file()))
        .isInstanceOf(UserError.class)
        .hasMessage("%s has format version 3; this build reads versions 1 and 2".formatted(file()));
  }
}
