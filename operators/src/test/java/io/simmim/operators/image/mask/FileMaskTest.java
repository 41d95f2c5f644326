package io.simmim.operators.image.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.image.drawn.DrawnMasks;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileMaskTest {
  @TempDir private Path folder;

  @Test
  void masksEveryImageAsTheFileSays() throws IOException {
    MaskStrategy strategy = FileMask.read(file("1 0 1\r\n\n 000\n110"), 3);

    assertThat(DrawnMasks.draw(strategy, 0, 4))
        .allSatisfy(mask -> assertThat(DrawnMasks.rows(mask, 3)).isEqualTo("101 000 110"));
  }

  @Test
  void copiesOnOtherMachinesNeedNoFile() throws Exception {
    String file = file("10\n01");
    MaskStrategy strategy = FileMask.read(file, 2);
    Files.delete(Path.of(file));

    MaskStrategy copy = InstantiationUtil.clone(strategy);

    assertThat(DrawnMasks.rows(DrawnMasks.draw(copy, 0, 1).get(0), 2)).isEqualTo("10 01");
  }

  @Test
  void theDigestIsThatOfTheMask() throws IOException {
    String spaced = FileMask.read(file("1 0\n0 1\n"), 2).digest();

    assertThat(spaced).hasSize(64).isEqualTo(FileMask.read(file("10\n01"), 2).digest());
    assertThat(spaced).isNotEqualTo(FileMask.read(file("10\n11"), 2).digest());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "10;01;11 | mask.file FILE must have 2 rows of 0 and 1, one per row of mask patches: 3",
        "10;0 | row 2 of mask.file FILE must have 2 values, one per mask patch: 1",
        "10;012 | row 2 of mask.file FILE must have 2 values, one per mask patch: 3",
        "10;0x | row 2 of mask.file FILE must have values 0 (visible) and 1 (masked): x",
        "10;0\u00e9 | row 2 of mask.file FILE must have 2 values, one per mask patch: 3",
        "00;00 | mask.file FILE must mask at least one patch and leave one visible: 0 of 4 are"
            + " masked",
        "11;11 | mask.file FILE must mask at least one patch and leave one visible: 4 of 4 are"
            + " masked"
      })
  void tellsWhatIsWrongWithAFile(String rows, String message) throws IOException {
    String file = file(rows.replace(';', '\n'));

    assertThatThrownBy(() -> FileMask.read(file, 2))
        .isInstanceOf(UserError.class)
        .hasMessage(message.replace("FILE", file));
  }

  @Test
  void refusesFilesThatAreNotThereOrFarTooLong() throws IOException {
    String missing = folder.resolve("missing.txt").toString();
    String large = file("0".repeat(100_000));

    assertThatThrownBy(() -> FileMask.read(missing, 2))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("mask.file cannot be read: " + missing + " (");
    assertThatThrownBy(() -> FileMask.read(large, 2))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "mask.file %s must have 2 rows of 2 values 0 or 1: it has more than 4112 bytes", large);
  }

  private String file(String text) throws IOException {
    return Files.writeString(folder.resolve("mask.txt"), text).toString();
  }
}
