package io.simmim.pipeline.embed;

import io.simmim.schemas.evaluation.EmbeddedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.serialization.BulkWriter;

/**
 * Rows as a Parquet file (format 2.x, parquet-format's {@code parquet.thrift}): columns {@code
 * uri}, {@code member}, {@code label}, {@code model} and {@code features}, a list of floats; of a
 * map the metadata has its side. Features hardly compress, so nothing is compressed.
 *
 * <p>Held is one row group, of {@value #GROUP_BYTES} bytes of features or a row more.
 */
final class ParquetRows implements BulkWriter<EmbeddedImage> {
  private static final int GROUP_BYTES = 16 << 20;
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
  private static final int TYPE_FLOAT = 4;
  private static final int TYPE_BYTE_ARRAY = 6;
  private static final int REQUIRED = 0;
  private static final int OPTIONAL = 1;
  private static final int REPEATED = 2;
  private static final int CONVERTED_UTF8 = 0;
  private static final int CONVERTED_LIST = 3;
  private static final int PLAIN = 0;
  private static final int RLE = 3;

  private static final List<List<String>> PATHS =
      List.of(
          List.of("uri"),
          List.of("member"),
          List.of("label"),
          List.of("model"),
          List.of("features", "list", "element"));

  /** One column within a row group of the file. */
  private record Chunk(long offset, int size, int count) {}

  private record Group(List<Chunk> columns, int rows) {}

  private final OutputStream out;
  private final String digest;
  private final List<Group> groups = new ArrayList<>();
  private List<ParquetColumn> columns = columns();
  private long position;
  private int rows;
  private int side;

  /**
   * @param out belongs to the caller
   * @param digest of the model
   */
  ParquetRows(OutputStream out, String digest) throws IOException {
    this.out = out;
    this.digest = digest;
    write(MAGIC);
  }

  private static List<ParquetColumn> columns() {
    return PATHS.stream().map(path -> new ParquetColumn()).toList();
  }

  @Override
  public void addElement(EmbeddedImage image) throws IOException {
    columns.get(0).addText(image.uri());
    columns.get(1).addOptionalText(image.member());
    columns.get(2).addOptionalText(image.label());
    columns.get(3).addText(digest);
    columns.get(4).addList(image.features());
    side = image.side();
    rows++;
    if (columns.stream().mapToLong(ParquetColumn::size).sum() >= GROUP_BYTES) {
      endGroup();
    }
  }

  private void endGroup() throws IOException {
    List<Chunk> chunks = new ArrayList<>();
    for (ParquetColumn column : columns) {
      byte[] page = column.page();
      chunks.add(new Chunk(position, page.length, column.count()));
      write(page);
    }
    groups.add(new Group(chunks, rows));
    columns = columns();
    rows = 0;
  }

  /** What is held goes with its row group. */
  @Override
  public void flush() {}

  @Override
  public void finish() throws IOException {
    if (rows > 0) {
      endGroup();
    }
    byte[] footer = footer();
    write(footer);
    write(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(footer.length).array());
    write(MAGIC);
    out.flush();
  }

  private void write(byte[] bytes) throws IOException {
    out.write(bytes);
    position += bytes.length;
  }

  private byte[] footer() {
    CompactThrift file = new CompactThrift().i32(1, 2);
    schema(file);
    file.i64(3, groups.stream().mapToLong(Group::rows).sum());
    file.listOfStructs(4, groups.size());
    groups.forEach(group -> group(file, group));
    if (side > 0) {
      file.listOfStructs(5, 1).begin().text(1, "simmim.side").text(2, String.valueOf(side)).end();
    }
    return file.text(6, "simmim").whole();
  }

  private static void schema(CompactThrift file) {
    file.listOfStructs(2, 8).begin().text(4, "images").i32(5, 5).end();
    text(file, "uri", REQUIRED);
    text(file, "member", OPTIONAL);
    text(file, "label", OPTIONAL);
    text(file, "model", REQUIRED);
    file.begin().i32(3, REQUIRED).text(4, "features").i32(5, 1).i32(6, CONVERTED_LIST).end();
    file.begin().i32(3, REPEATED).text(4, "list").i32(5, 1).end();
    file.begin().i32(1, TYPE_FLOAT).i32(3, REQUIRED).text(4, "element").end();
  }

  private static void text(CompactThrift file, String name, int repetition) {
    file.begin().i32(1, TYPE_BYTE_ARRAY).i32(3, repetition).text(4, name);
    file.i32(6, CONVERTED_UTF8).end();
  }

  private static void group(CompactThrift file, Group group) {
    file.begin().listOfStructs(1, PATHS.size());
    long bytes = 0;
    for (int column = 0; column < PATHS.size(); column++) {
      Chunk chunk = group.columns.get(column);
      List<String> path = PATHS.get(column);
      bytes += chunk.size;
      file.begin().i64(2, chunk.offset).begin(3);
      file.i32(1, path.size() > 1 ? TYPE_FLOAT : TYPE_BYTE_ARRAY);
      file.listOfI32(2, 2).i32(PLAIN).i32(RLE);
      file.listOfTexts(3, path.size());
      path.forEach(file::text);
      file.i32(4, 0).i64(5, chunk.count).i64(6, chunk.size).i64(7, chunk.size);
      file.i64(9, chunk.offset).end().end();
    }
    file.i64(2, bytes).i64(3, group.rows).end();
  }
}
