package io.simmim.operators.catalog.tar;

import io.simmim.operators.catalog.ClassNames;
import io.simmim.operators.catalog.ImageNames;
import io.simmim.operators.catalog.ListingNotes;
import io.simmim.schemas.text.PrintableText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What a shard in WebDataset's form says of the classes of its images. Consecutive members whose
 * names are equal up to the first dot behind the last slash are one sample: the text of its member
 * {@code .cls} is the class of its images. Nothing is said of an image whose {@code .cls} lies
 * elsewhere in the shard.
 *
 * <p>A {@code .cls} is looked at before it is read: at most {@value ClassNames#LONGEST} bytes of
 * printable UTF-8.
 */
public final class ShardClasses {
  private static final String CLASS = ".cls";

  /** Instead of the number of a class. */
  private static final int NONE = -1;

  private final String uri;
  private final ShardInput input;
  private final ClassNames found = new ClassNames();
  private String[] classes = {};
  private long[] offsets = new long[64];
  private int[] ofImages = new int[64];
  private int images;
  private boolean anyClass;
  private String sample = "";
  private int sampleStart;
  private int sampleClass = NONE;
  private String problem = "";

  private ShardClasses(String uri, ShardInput input) {
    this.uri = uri;
    this.input = input;
  }

  /**
   * Reads the classes of a shard.
   *
   * @throws IOException if it cannot be read
   */
  public static ShardClasses read(String uri, ShardInput input) throws IOException {
    ShardClasses classes = new ShardClasses(uri, input);
    classes.walk();
    return classes;
  }

  private void walk() throws IOException {
    TarShard.walk(
        uri,
        input,
        new ListingNotes(),
        new TarShard.Members() {
          @Override
          public void image(long offset, long size, String name, String reason) {
            begin(ImageNames.isImage(name) ? name : "");
            append(offset);
          }

          @Override
          public void other(long offset, long size, MemberName name)
              throws IOException, DamagedShardException {
            begin(name.shown());
            if (extension(name.shown()).equals(CLASS)) {
              sampleClass = readClass(offset, size, name.shown());
              anyClass = true;
            }
          }
        });
    end();
    classes = found.names();
  }

  private void begin(String name) {
    String next = name.substring(0, name.length() - extension(name).length());
    if (!next.equals(sample)) {
      end();
      sample = next;
    }
  }

  /** From the first dot of the last part on. */
  private static String extension(String name) {
    int dot = name.indexOf('.', name.lastIndexOf('/') + 1);
    return dot < 0 ? "" : name.substring(dot);
  }

  private void end() {
    Arrays.fill(ofImages, sampleStart, images, sample.isEmpty() ? NONE : sampleClass);
    sampleStart = images;
    sampleClass = NONE;
  }

  private void append(long offset) {
    if (images == offsets.length) {
      offsets = Arrays.copyOf(offsets, 2 * images);
      ofImages = Arrays.copyOf(ofImages, 2 * images);
    }
    offsets[images++] = offset;
  }

  private int readClass(long offset, long size, String name)
      throws IOException, DamagedShardException {
    String wrong;
    if (size < 1 || size > ClassNames.LONGEST) {
      wrong = String.format(Locale.ROOT, "it has %d bytes", size);
    } else {
      try {
        String text =
            StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(input.read(offset, (int) size)))
                .toString()
                .strip();
        if (ClassNames.isAllowed(text)) {
          return found.number(text);
        }
        wrong = text.isEmpty() ? "it is blank" : "it says " + PrintableText.of(text);
      } catch (CharacterCodingException e) {
        wrong = "it is no UTF-8";
      }
    }
    if (problem.isEmpty()) {
      problem =
          String.format(
              Locale.ROOT,
              "%s!/%s is no class: %s (allowed: 1 to %d bytes of printable text)",
              uri,
              PrintableText.of(name),
              wrong,
              ClassNames.LONGEST);
    }
    return NONE;
  }

  /** Whether there is a {@code .cls} at all: then only they tell. */
  public boolean tells() {
    return anyClass;
  }

  /** Why the first {@code .cls} that is no class is none; empty if all are. */
  public String problem() {
    return problem;
  }

  /** The class of the image at an offset, if the shard tells it. */
  public Optional<String> of(long offset) {
    int image = Arrays.binarySearch(offsets, 0, images, offset);
    return image < 0 || ofImages[image] == NONE
        ? Optional.empty()
        : Optional.of(classes[ofImages[image]]);
  }
}
