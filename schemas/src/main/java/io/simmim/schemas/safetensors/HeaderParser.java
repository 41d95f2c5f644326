package io.simmim.schemas.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.simmim.schemas.text.JsonProblem;
import io.simmim.schemas.text.PrintableText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the JSON header of a safetensors file and checks it as the format demands: known types,
 * byte counts that agree with the shapes, and tensors that cover the data without gap or overlap.
 */
final class HeaderParser {
  private static final String METADATA = "__metadata__";
  private static final int MAX_DIMENSIONS = 64;
  private static final int MAX_SHOWN_CHARACTERS = 100;

  /** Names of other people's tensors are not to stay in tables of the whole process. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  final Map<String, String> metadata = new LinkedHashMap<>();
  final Map<String, TensorEntry> tensors = new LinkedHashMap<>();

  /**
   * @param header the JSON text, UTF-8
   * @param dataLength bytes that follow the header
   */
  HeaderParser(byte[] header, long dataLength) throws IOException {
    try (JsonParser parser = JSON.createParser(header)) {
      expect(parser, parser.nextToken(), JsonToken.START_OBJECT);
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        expect(parser, parser.nextToken(), JsonToken.START_OBJECT);
        if (name.equals(METADATA)) {
          readMetadata(parser);
        } else {
          tensors.put(name, readTensor(parser, name));
        }
      }
      expect(parser, parser.currentToken(), JsonToken.END_OBJECT);
      expect(parser, parser.nextToken(), null);
    } catch (JsonProcessingException e) {
      throw new IOException("the header is not JSON: " + JsonProblem.reason(e), e);
    } catch (IllegalStateException e) { // Jackson's answer to names made to collide in its tables
      throw new IOException("the header's names are refused: " + shown(e.getMessage()), e);
    }
    checkCoverage(dataLength);
  }

  /** A part of the file as it may stand in a message: in one line, short, and visible. */
  private static String shown(String text) {
    String start =
        text.length() <= MAX_SHOWN_CHARACTERS
            ? text
            : text.substring(0, MAX_SHOWN_CHARACTERS) + "…";
    return PrintableText.of(start);
  }

  private void readMetadata(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      expect(parser, parser.nextToken(), JsonToken.VALUE_STRING);
      metadata.put(key, parser.getText());
    }
  }

  private static TensorEntry readTensor(JsonParser parser, String name) throws IOException {
    Dtype dtype = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      switch (field) {
        case "dtype" -> {
          expect(parser, parser.nextToken(), JsonToken.VALUE_STRING);
          dtype = parseDtype(name, parser.getText());
        }
        case "shape" -> shape = readNumbers(parser, name);
        case "data_offsets" -> offsets = readNumbers(parser, name);
        default ->
            throw new IOException(
                "tensor %s has an unknown field: %s".formatted(shown(name), shown(field)));
      }
    }
    if (dtype == null || shape == null || offsets == null || offsets.size() != 2) {
      throw new IOException(
          "tensor %s must have dtype, shape and two data_offsets".formatted(shown(name)));
    }
    long byteCount = offsets.get(1) - offsets.get(0);
    if (byteCount != byteCountOf(name, dtype, shape)) {
      throw new IOException(
          "tensor %s of type %s and shape %s must have %d bytes: %d"
              .formatted(shown(name), dtype, shape, byteCountOf(name, dtype, shape), byteCount));
    }
    return new TensorEntry(name, dtype, shape, offsets.get(0), byteCount);
  }

  private static Dtype parseDtype(String name, String text) throws IOException {
    try {
      return Dtype.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IOException("tensor %s: %s".formatted(shown(name), shown(e.getMessage())), e);
    }
  }

  private static List<Long> readNumbers(JsonParser parser, String name) throws IOException {
    expect(parser, parser.nextToken(), JsonToken.START_ARRAY);
    List<Long> numbers = new ArrayList<>();
    while (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
      long number = parser.getLongValue();
      if (number < 0 || numbers.size() == MAX_DIMENSIONS) {
        throw new IOException(
            "tensor %s: at most %d numbers, none negative".formatted(shown(name), MAX_DIMENSIONS));
      }
      numbers.add(number);
    }
    expect(parser, parser.currentToken(), JsonToken.END_ARRAY);
    return numbers;
  }

  private static long byteCountOf(String name, Dtype dtype, List<Long> shape) throws IOException {
    try {
      long bytes = dtype.bytes();
      for (long dimension : shape) {
        bytes = Math.multiplyExact(bytes, dimension);
      }
      return bytes;
    } catch (ArithmeticException e) {
      throw new IOException("tensor %s is too large: %s".formatted(shown(name), shape), e);
    }
  }

  private void checkCoverage(long dataLength) throws IOException {
    List<TensorEntry> ordered = new ArrayList<>(tensors.values());
    ordered.sort(
        Comparator.comparingLong(TensorEntry::offset).thenComparingLong(TensorEntry::byteCount));
    long end = 0;
    for (TensorEntry entry : ordered) {
      if (entry.offset() != end) {
        throw new IOException(
            "tensor %s must begin at byte %d, where the previous one ends: %d"
                .formatted(shown(entry.name()), end, entry.offset()));
      }
      end += entry.byteCount();
    }
    if (end != dataLength) {
      throw new IOException(
          "the tensors take %d bytes, but %d follow the header".formatted(end, dataLength));
    }
  }

  private static void expect(JsonParser parser, JsonToken found, JsonToken expected)
      throws IOException {
    if (found != expected) {
      throw new IOException(
          "the header has %s at byte %d where %s must be"
              .formatted(
                  found,
                  parser.currentTokenLocation().getByteOffset(),
                  expected == null ? "its end" : expected));
    }
  }
}
