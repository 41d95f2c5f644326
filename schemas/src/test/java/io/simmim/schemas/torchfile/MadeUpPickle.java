package io.simmim.schemas.torchfile;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Files of the form before PyTorch 1.6 that no PyTorch wrote. */
final class MadeUpPickle {
  private static final int[] BEFORE_THE_OBJECT = {
    0x80,
    2,
    0x8a,
    10,
    0x6c,
    0xfc,
    0x9c,
    0x46,
    0xf9,
    0x20,
    0x6a,
    0xa8,
    0x50,
    0x19,
    '.', // magic
    0x80,
    2,
    'M',
    0xe9,
    3,
    '.', // version 1001
    0x80,
    2,
    '}' // the machine
  };

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private MadeUpPickle() {
    codes(BEFORE_THE_OBJECT).text("little_endian").codes(0x88, 's', '.', 0x80, 2);
  }

  /** A list of 20,000 pairs, of which 3,000 dictionaries are made. */
  static byte[] withRepeatedPairs() {
    MadeUpPickle file = new MadeUpPickle().codes(']', 'q', 0, '(');
    for (int i = 0; i < 20_000; i++) {
      file.text("k" + i).codes('N', 0x86);
    }
    file.codes('e').global("collections\nOrderedDict\n").codes('q', 1, ']', '(');
    for (int i = 0; i < 3_000; i++) {
      file.codes('h', 1, 'h', 0, 0x85, 'R');
    }
    return file.codes('e', '.').bytes.toByteArray();
  }

  /** A shape of 64 sizes, of which 60,000 tensors are made. */
  static byte[] withRepeatedSizes() {
    MadeUpPickle file = new MadeUpPickle().codes('(', '(').text("storage");
    file.global("torch\nFloatStorage\n").text("0").text("cpu").codes('K', 1, 't', 'Q', 'K', 0);
    for (int tuple = 0; tuple < 2; tuple++) {
      file.codes('(');
      for (int i = 0; i < 64; i++) {
        file.codes('K', 1);
      }
      file.codes('t');
    }
    file.codes('t', 'q', 0).global("torch._utils\n_rebuild_tensor_v2\n").codes('q', 1, ']', '(');
    for (int i = 0; i < 60_000; i++) {
      file.codes('h', 1, 'h', 0, 'R');
    }
    return file.codes('e', '.').bytes.toByteArray();
  }

  private MadeUpPickle codes(int... codes) {
    for (int code : codes) {
      bytes.write(code);
    }
    return this;
  }

  private MadeUpPickle text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    codes(0x8c, utf8.length);
    bytes.writeBytes(utf8);
    return this;
  }

  private MadeUpPickle global(String lines) {
    codes('c');
    bytes.writeBytes(lines.getBytes(StandardCharsets.UTF_8));
    return this;
  }
}
