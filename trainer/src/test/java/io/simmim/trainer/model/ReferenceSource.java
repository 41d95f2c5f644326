package io.simmim.trainer.model;

import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes the body of {@code reference.torchscript} for one configuration, block by block. */
final class ReferenceSource {
  private final EncoderConfig config;
  private final int imageSize;
  private final List<String> names;
  private final StringBuilder body = new StringBuilder();

  ReferenceSource(EncoderConfig config, int imageSize) {
    this.config = config;
    this.imageSize = imageSize;
    names =
        new MaskedImageModel(ModelConfig.simmim(imageSize, 1, config), ClusterColors.NONE)
            .parameters().stream().map(ParameterSpec::name).toList();
  }

  TorchScriptSource build() {
    int side = imageSize / config.patchSize();
    tokens(side);
    for (int block = 0; block < config.blocks(); block++) {
      block(block);
    }
    line("x = (self).norm(x, %s, %s, )", p("encoder.norm.weight"), p("encoder.norm.bias"));
    return new TorchScriptSource()
        .add(
            ReferenceSource.class,
            "reference.torchscript",
            Map.of(
                "body", body,
                "heads", config.numHeads().get(0),
                "head_scale",
                    Math.pow(config.embedDim() / config.numHeads().get(0).doubleValue(), -0.5),
                "side", side,
                "patch", config.patchSize(),
                "decoder_weight", names.indexOf("decoder.0.weight"),
                "decoder_bias", names.indexOf("decoder.0.bias")));
  }

  private void tokens(int side) {
    String patch = "encoder.patch_embed.proj.";
    line(
        "x = torch.conv2d(pixels, %s, %s, [%d, %d])",
        p(patch + "weight"), p(patch + "bias"), config.patchSize(), config.patchSize());
    line("x = torch.transpose(torch.flatten(x, 2), 1, 2)");
    line("x = x * (1. - w) + %s * w", p("encoder.mask_token"));
    line(
        "x = torch.cat([torch.expand(%s, [torch.size(x, 0), 1, -1]), x], 1)",
        p("encoder.cls_token"));
    if (config.absolutePosition()) {
      line("x = x + %s", p("encoder.pos_embed"));
    }
    line("n = %d", side * side + 1);
    line("bias = none");
    if (config.relativePositionBias() == RelativePositionBias.SHARED) {
      bias("encoder.rel_pos_bias.");
    }
  }

  private void bias(String owner) {
    line(
        "bias = torch.permute(torch.reshape(torch.index_select(%s, 0, index), [n, n, -1]), [2, 0, 1])",
        p(owner + "relative_position_bias_table"));
  }

  private void block(int block) {
    String name = "encoder.blocks." + block + ".";
    if (config.relativePositionBias() == RelativePositionBias.PER_BLOCK) {
      bias(name + "attn.");
    }
    line("y = (self).norm(x, %s, %s, )", p(name + "norm1.weight"), p(name + "norm1.bias"));
    line("y = torch.linear(y, %s)", p(name + "attn.qkv.weight"));
    if (config.qkvBias()) {
      String q = p(name + "attn.q_bias");
      line("y = y + torch.cat([%s, torch.zeros_like(%s), %s])", q, q, p(name + "attn.v_bias"));
    }
    line("y = (self).attend(y, bias, )");
    line("y = torch.linear(y, %s, %s)", p(name + "attn.proj.weight"), p(name + "attn.proj.bias"));
    residual(name + "gamma_1", 2 * block);
    line("y = (self).norm(x, %s, %s, )", p(name + "norm2.weight"), p(name + "norm2.bias"));
    line(
        "y = torch.gelu(torch.linear(y, %s, %s))",
        p(name + "mlp.fc1.weight"), p(name + "mlp.fc1.bias"));
    line("y = torch.linear(y, %s, %s)", p(name + "mlp.fc2.weight"), p(name + "mlp.fc2.bias"));
    residual(name + "gamma_2", 2 * block + 1);
  }

  private void residual(String gamma, int branch) {
    if (config.layerScaleInit() > 0) {
      line("y = y * %s", p(gamma));
    }
    line("x = x + y * torch.reshape(factors[%d], [-1, 1, 1])", branch);
  }

  private String p(String name) {
    int index = names.indexOf(name);
    if (index < 0) {
      throw new IllegalArgumentException("no parameter " + name);
    }
    return "p[" + index + "]";
  }

  private void line(String format, Object... values) {
    body.append("    ").append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
