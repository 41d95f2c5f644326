package io.simmim.pipeline.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** YAML text to trees and back. */
final class Yaml {
  private static final ObjectMapper MAPPER =
      new ObjectMapper(
              YAMLFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                  .disable(YAMLGenerator.Feature.SPLIT_LINES)
                  .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                  .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                  .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** Reads what begins with a parser's token, and leaves the rest to it. */
  private static final ObjectReader PART =
      MAPPER.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** How the parser tells a place. */
  private static final Pattern LINE = Pattern.compile("line (\\d+), column \\d+");

  private Yaml() {}

  /**
   * Parses a document whose root is a mapping.
   *
   * @param origin names the document in error messages
   */
  static ObjectNode mapping(String text, String origin) {
    return requireMapping(parse(text, origin), text, origin);
  }

  private static ObjectNode requireMapping(JsonNode root, String text, String origin) {
    if (root.isMissingNode() || root.isNull()) {
      return MAPPER.createObjectNode();
    }
    if (root instanceof ObjectNode mapping) {
      return mapping;
    }
    throw new UserError("%s must hold keys and values: %s".formatted(origin, oneLine(text)));
  }

  /** Parses a scalar or a list, such as the value of {@code --set key=value}. */
  static JsonNode parse(String text, String origin) {
    return parse(text, origin, MAPPER::readTree);
  }

  /**
   * As {@link #mapping(String, String)}, with values that are texts as they stand there in some of
   * the root's keys: {@code 0123}, {@code 1e3} and {@code yes} too. A null is one there, too.
   */
  static ObjectNode mapping(String text, String origin, Set<String> asWritten) {
    JsonNode root =
        parse(
            text,
            origin,
            document -> {
              try (JsonParser parser = MAPPER.createParser(document)) {
                return parser.nextToken() == JsonToken.START_OBJECT
                    ? mapping(parser, asWritten)
                    : MAPPER.readTree(document);
              }
            });
    return requireMapping(root, text, origin);
  }

  private static ObjectNode mapping(JsonParser parser, Set<String> asWritten) throws IOException {
    ObjectNode mapping = MAPPER.createObjectNode();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      mapping.set(key, asWritten.contains(key) ? texts(parser) : PART.readTree(parser));
    }
    if (parser.nextToken() != null) {
      throw MismatchedInputException.from(parser, JsonNode.class, "something follows");
    }
    return mapping;
  }

  /** What begins with the parser's token. */
  private static JsonNode texts(JsonParser parser) throws IOException {
    switch (parser.currentToken()) {
      case START_OBJECT -> {
        ObjectNode mapping = MAPPER.createObjectNode();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String key = parser.currentName();
          parser.nextToken();
          mapping.set(key, texts(parser));
        }
        return mapping;
      }
      case START_ARRAY -> {
        ArrayNode list = MAPPER.createArrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(texts(parser));
        }
        return list;
      }
      case VALUE_NULL -> {
        return MAPPER.nullNode();
      }
      default -> {
        return MAPPER.getNodeFactory().textNode(parser.getText());
      }
    }
  }

  /** Makes a tree of a document. */
  private interface Reading {
    JsonNode read(String document) throws IOException;
  }

  private static JsonNode parse(String text, String origin, Reading reading) {
    try {
      requireNoAlias(text, origin);
      return reading.read(text);
    } catch (MismatchedInputException e) {
      throw new UserError(
          "%s must be one YAML document: something follows its end (line %d)"
              .formatted(origin, e.getLocation().getLineNr()),
          e);
    } catch (JsonProcessingException e) {
      throw new UserError(
          "%s is not valid YAML%s: %s".formatted(origin, where(e), problem(e.getOriginalMessage())),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Where what is wrong begins: as the message tells, whose exception has the place of the last
   * token that was right.
   */
  private static String where(JsonProcessingException failure) {
    Matcher told = LINE.matcher(failure.getOriginalMessage());
    if (told.find()) {
      return " (line %s)".formatted(told.group(1));
    }
    JsonLocation place = failure.getLocation();
    return place == null || place.getLineNr() < 1 ? "" : " (line %d)".formatted(place.getLineNr());
  }

  /** The parser would give the name of what an alias stands for as a text. */
  private static void requireNoAlias(String text, String origin) throws JsonProcessingException {
    try (YAMLParser parser = (YAMLParser) MAPPER.getFactory().createParser(text)) {
      while (parser.nextToken() != null) {
        if (parser.isCurrentAlias()) {
          throw new UserError(
              "%s must have no aliases; one that begins with * is a text only in quotes: *%s"
                  .formatted(origin, oneLine(parser.getText())));
        }
      }
    } catch (JsonProcessingException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String write(JsonNode tree) {
    try {
      return MAPPER.writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads a resource that is part of this build. */
  static String resource(String name) {
    try (InputStream in = Yaml.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("resource is missing from this build: " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The parser's message without its drawing of the place. */
  private static String problem(String message) {
    return oneLine(
        message
            .lines()
            .filter(line -> !line.isBlank() && !Character.isWhitespace(line.charAt(0)))
            .collect(Collectors.joining("; ")));
  }

  private static String oneLine(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    return line.length() <= 200 ? line : line.substring(0, 200) + "…";
  }
}
