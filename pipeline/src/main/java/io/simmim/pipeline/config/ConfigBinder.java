package io.simmim.pipeline.config;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.InvalidNullException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.simmim.schemas.UserError;
import io.simmim.schemas.text.KebabCase;
import io.simmim.trainer.model.encoder.EncoderConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.util.TimeUtils;

/**
 * Binds a tree of settings to the configuration records, strictly: nothing is converted from one
 * type to another, except that a whole number is also a number.
 */
final class ConfigBinder {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
          .annotationIntrospector(new KebabCaseEnums())
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
          .withConfigOverride(
              List.class, list -> list.setSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL)))
          .addMixIn(EncoderConfig.class, OneOrMoreStages.class)
          .addModule(
              new SimpleModule()
                  .addDeserializer(Duration.class, new DurationReader())
                  .addSerializer(Duration.class, new DurationWriter())
                  .addDeserializer(MemorySize.class, new MemorySizeReader())
                  .addSerializer(MemorySize.class, new MemorySizeWriter()))
          .build();

  /** An encoder with one stage has plain numbers. */
  @SuppressWarnings("UnusedMethod") // Jackson reads the annotations
  private interface OneOrMoreStages {
    @JsonFormat(
        with = {
          JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY,
          JsonFormat.Feature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED
        })
    List<Integer> depth();

    @JsonFormat(
        with = {
          JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY,
          JsonFormat.Feature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED
        })
    List<Integer> numHeads();
  }

  private ConfigBinder() {}

  static <T> T bind(ObjectNode tree, Class<T> type) {
    try {
      return MAPPER.treeToValue(tree, type);
    } catch (ValueInstantiationException e) {
      // A compact constructor refused its values; its message names key, value and what is allowed.
      throw e.getCause() instanceof IllegalArgumentException cause
          ? new UserError(cause.getMessage(), cause)
          : new UserError(path(e) + ": " + e.getOriginalMessage(), e);
    } catch (InvalidNullException e) {
      throw new UserError(path(e) + " must not be empty", e);
    } catch (MismatchedInputException e) {
      throw new UserError(
          "%s must be %s: %s".formatted(path(e), expectation(e), Layers.text(tree.at(pointer(e)))),
          e);
    } catch (JsonMappingException e) {
      throw new UserError(path(e) + ": " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UserError("configuration: " + e.getMessage(), e);
    }
  }

  static ObjectNode unbind(Object config) {
    return MAPPER.valueToTree(config);
  }

  private static String path(JsonMappingException e) {
    return e.getPath().stream()
        .map(
            step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : step.getFieldName())
        .collect(Collectors.joining("."))
        .replace(".[", "[");
  }

  private static String pointer(JsonMappingException e) {
    return e.getPath().stream()
        .map(step -> "/" + (step.getFieldName() == null ? step.getIndex() : step.getFieldName()))
        .collect(Collectors.joining());
  }

  private static String expectation(MismatchedInputException e) {
    Class<?> type = e.getTargetType();
    if (type == null) {
      return "of another type";
    }
    if (type.isEnum()) {
      return "one of "
          + Arrays.stream(type.getEnumConstants())
              .map(constant -> KebabCase.of(((Enum<?>) constant).name()))
              .collect(Collectors.joining(", "));
    }
    if (type == int.class || type == long.class || type == Integer.class || type == Long.class) {
      return "a whole number";
    }
    if (type == double.class || type == float.class || type == Double.class) {
      return "a number";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type == Duration.class) {
      return "a duration such as 30s or 5min";
    }
    if (type == MemorySize.class) {
      return "a size such as 512mb or 2gb";
    }
    if (List.class.isAssignableFrom(type)) {
      return "a list such as [a, b]";
    }
    return type == String.class ? "text" : "a group of keys";
  }

  private static final class DurationReader extends StdDeserializer<Duration> {
    DurationReader() {
      super(Duration.class);
    }

    @Override
    public Duration deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      String text = parser.getText();
      try {
        // A bare number would be taken for milliseconds: the unit has to be there.
        if (!text.matches(".*[A-Za-z]")) {
          throw new IllegalArgumentException("no unit");
        }
        return TimeUtils.parseDuration(text);
      } catch (IllegalArgumentException e) {
        throw MismatchedInputException.from(parser, Duration.class, e.getMessage());
      }
    }
  }

  private static final class DurationWriter extends StdSerializer<Duration> {
    DurationWriter() {
      super(Duration.class);
    }

    @Override
    public void serialize(Duration value, JsonGenerator generator, SerializerProvider provider)
        throws IOException {
      generator.writeString(TimeUtils.formatWithHighestUnit(value).replace(" ", ""));
    }
  }

  private static final class MemorySizeReader extends StdDeserializer<MemorySize> {
    MemorySizeReader() {
      super(MemorySize.class);
    }

    @Override
    public MemorySize deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      String text = parser.getText();
      try {
        // A bare number would be taken for bytes: the unit has to be there.
        if (!text.matches(".*[A-Za-z]")) {
          throw new IllegalArgumentException("no unit");
        }
        return MemorySize.parse(text);
      } catch (IllegalArgumentException e) {
        throw MismatchedInputException.from(parser, MemorySize.class, e.getMessage());
      }
    }
  }

  private static final class MemorySizeWriter extends StdSerializer<MemorySize> {
    MemorySizeWriter() {
      super(MemorySize.class);
    }

    @Override
    public void serialize(MemorySize value, JsonGenerator generator, SerializerProvider provider)
        throws IOException {
      generator.writeString(value.toString().replace(" ", ""));
    }
  }
}
