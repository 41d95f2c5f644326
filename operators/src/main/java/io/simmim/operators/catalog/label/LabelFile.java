package io.simmim.operators.catalog.label;

import io.simmim.schemas.UserError;
import io.simmim.schemas.bytes.Checksummed;
import io.simmim.schemas.bytes.Sha256;
import io.simmim.schemas.storage.WholeFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UTFDataFormatException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.fs.Path;

/**
 * A stored {@link LabelTable}: a number that tells the format, its version, the names of the
 * classes, for each image the number of its class, and a checksum of everything before it. Version
 * 1 has no checksum; only version 2 is written.
 *
 * @param labels the table
 * @param digest SHA-256 of the file, in lower-case hexadecimal
 */
public record LabelFile(LabelTable labels, String digest) {
  static final int VERSION_1 = 1;
  static final int VERSION_2 = 2;

  private static final int MAGIC = 0x534d4c42;
  private static final int MOST_CLASSES = 100_000;
  private static final int LONGEST = 1 << 30;

  /**
   * Stores a table. The file appears complete or not at all.
   *
   * @return SHA-256 of the file, in lower-case hexadecimal
   */
  public static String write(LabelTable labels, long images, Path path) throws IOException {
    byte[] bytes = bytes(labels, images);
    WholeFile.write(path, bytes);
    return Sha256.hex(bytes);
  }

  static byte[] bytes(LabelTable labels, long images) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(MAGIC);
    out.writeInt(VERSION_2);
    out.writeInt(labels.classes().size());
    for (String name : labels.classes()) {
      out.writeUTF(name);
    }
    out.writeInt(Math.toIntExact(images));
    for (long id = 0; id < images; id++) {
      out.writeInt(labels.of(id));
    }
    return Checksummed.of(bytes.toByteArray());
  }

  /**
   * Loads a stored table.
   *
   * @throws UserError if it is damaged, or of an unknown version
   * @throws IOException if it cannot be read
   */
  public static LabelFile read(Path path) throws IOException {
    byte[] bytes;
    try (InputStream in = path.getFileSystem().open(path)) {
      bytes = in.readNBytes(LONGEST);
    }
    try {
      return new LabelFile(parse(bytes, path), Sha256.hex(bytes));
    } catch (EOFException | UTFDataFormatException e) {
      throw damaged(path, e);
    }
  }

  static LabelTable parse(byte[] bytes, Path path) throws IOException {
    DataInputStream start = new DataInputStream(new ByteArrayInputStream(bytes));
    if (start.readInt() != MAGIC) {
      throw damaged(path, null);
    }
    int version = start.readInt();
    if (version != VERSION_1 && version != VERSION_2) {
      throw new UserError(
          "%s has format version %d; this build reads versions %d and %d"
              .formatted(path, version, VERSION_1, VERSION_2));
    }
    int end = version == VERSION_1 ? bytes.length : checkedLength(bytes, path);
    int begin = 2 * Integer.BYTES;
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, begin, end - begin));
    int count = in.readInt();
    if (count < 1 || count > MOST_CLASSES) {
      throw damaged(path, null);
    }
    List<String> classes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      classes.add(in.readUTF());
    }
    int images = in.readInt();
    if (images < 0 || in.available() != (long) images * Integer.BYTES) {
      throw damaged(path, null);
    }
    int[] labels = new int[images];
    for (int i = 0; i < images; i++) {
      labels[i] = in.readInt();
      if (labels[i] < LabelTable.NONE || labels[i] >= count) {
        throw damaged(path, null);
      }
    }
    return new LabelTable(classes, labels, 0, "");
  }

  private static int checkedLength(byte[] bytes, Path path) {
    try {
      return Checksummed.contentLength(bytes);
    } catch (IOException e) {
      throw damaged(path, e);
    }
  }

  private static UserError damaged(Path path, IOException cause) {
    return new UserError("%s is damaged".formatted(path), cause);
  }
}
