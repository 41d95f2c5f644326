package io.simmim.pipeline.embed;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import io.simmim.schemas.evaluation.EmbeddedImage;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.flink.api.common.serialization.Encoder;

/** A row as a line of JSON; keys in snake case, as Python readers expect. */
final class JsonRows implements Encoder<EmbeddedImage> {
  private static final long serialVersionUID = 1;
  private static final JsonFactory JSON =
      JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

  private final String digest;

  /**
   * @param digest of the model
   */
  JsonRows(String digest) {
    this.digest = digest;
  }

  @Override
  public void encode(EmbeddedImage image, OutputStream stream) throws IOException {
    try (JsonGenerator json = JSON.createGenerator(stream)) {
      json.writeStartObject();
      json.writeStringField("uri", image.uri());
      if (!image.member().isEmpty()) {
        json.writeStringField("member", image.member());
      }
      if (!image.label().isEmpty()) {
        json.writeStringField("label", image.label());
      }
      json.writeStringField("model", digest);
      if (image.side() > 0) {
        json.writeNumberField("side", image.side());
      }
      json.writeArrayFieldStart("features");
      for (float value : image.features()) {
        if (Float.isFinite(value)) {
          json.writeNumber(value);
        } else {
          json.writeNull(); // JSON has no NaN
        }
      }
      json.writeEndArray();
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }
}
