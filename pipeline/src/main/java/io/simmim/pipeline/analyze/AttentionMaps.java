package io.simmim.pipeline.analyze;

import io.simmim.pipeline.chart.Svg;
import io.simmim.trainer.inference.BlockAttention;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * Where some patches look, layer by layer: a small picture of the image's patches for each, the
 * stronger in colour, the more weight a patch has.
 *
 * @param layers the first one first
 * @param images how many were looked at
 */
record AttentionMaps(List<BlockAttention> layers, long images) {
  private static final int COLUMNS = 6;
  private static final int SIDE = 96;
  private static final int GAP = 20;
  private static final int LEFT = 16;
  private static final int TOP = 64;

  /** Of a map, with its largest weight below; of a layer's name above. */
  private static final int ROW = SIDE + 22;

  private static final int NAME = 22;
  private static final int COLOUR = 0x1F83C7;

  /**
   * Draws them.
   *
   * @param id that nothing else has in the page
   * @return an {@code svg} element
   */
  String svg(String id) {
    int rows = layers.get(0).mapped().length;
    int bands = (layers.size() + COLUMNS - 1) / COLUMNS;
    int band = NAME + rows * ROW + 8;
    String title = "Where patches look";
    Svg svg =
        new Svg(
            id,
            title,
            "For each of %d layers, what a patch in the upper left quarter and one in the middle attend to; means of the heads and of %,d images."
                .formatted(layers.size(), images),
            2 * LEFT + COLUMNS * (SIDE + GAP) - GAP,
            TOP + bands * band);
    svg.begin("g", "font-size", "16", "font-weight", "600").text(LEFT, 26, "start", title).end();
    svg.text(
        LEFT,
        48,
        "start",
        "mean of heads and %,d images; the patch that looks is framed; full colour: the largest weight, below"
            .formatted(images));
    for (int i = 0; i < layers.size(); i++) {
      int left = LEFT + i % COLUMNS * (SIDE + GAP);
      int top = TOP + i / COLUMNS * band;
      svg.text(left + SIDE / 2.0, top + 15, "middle", "layer %d".formatted(i + 1));
      for (int row = 0; row < rows; row++) {
        draw(svg, layers.get(i), row, left, top + NAME + row * ROW);
      }
    }
    return svg.finish();
  }

  private static void draw(Svg svg, BlockAttention layer, int mapped, int left, int top) {
    double[] weights = layer.map(mapped);
    double largest = Arrays.stream(weights).max().orElseThrow();
    svg.empty(
        "image",
        "x",
        Svg.number(left),
        "y",
        Svg.number(top),
        "width",
        Svg.number(SIDE),
        "height",
        Svg.number(SIDE),
        "preserveAspectRatio",
        "none",
        "style",
        "image-rendering:pixelated",
        "href",
        "data:image/png;base64," + png(weights, layer.side(), largest));
    frame(svg, left, top, SIDE, 0.3);
    double patch = (double) SIDE / layer.side();
    int row = layer.mapped()[mapped] / layer.side();
    int column = layer.mapped()[mapped] % layer.side();
    svg.begin("g", "class", Svg.colour(1));
    frame(svg, left + column * patch, top + row * patch, patch, 1);
    svg.end();
    svg.begin("g", "font-size", "11");
    svg.text(
            left + SIDE / 2.0,
            top + SIDE + 13,
            "middle",
            String.format(Locale.ROOT, "%.1f %%", 100 * largest))
        .end();
  }

  private static void frame(Svg svg, double left, double top, double side, double opacity) {
    svg.empty(
        "rect",
        "x",
        Svg.number(left),
        "y",
        Svg.number(top),
        "width",
        Svg.number(side),
        "height",
        Svg.number(side),
        "fill",
        "none",
        "stroke",
        "currentColor",
        "stroke-opacity",
        Svg.number(opacity));
  }

  /** A pixel per patch, as opaque as its weight is large: on light and on dark paper. */
  private static String png(double[] weights, int side, double largest) {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_ARGB);
    for (int patch = 0; patch < weights.length; patch++) {
      int opacity = (int) Math.round(255 * weights[patch] / largest);
      image.setRGB(patch % side, patch / side, opacity << 24 | COLOUR);
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, "png", png)) {
        throw new IOException("this Java has no PNG writer (module java.desktop)");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Base64.getEncoder().encodeToString(png.toByteArray());
  }
}
