package io.simmim.pipeline.analyze;

import io.simmim.operators.image.mask.MaskType;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * Draws AvgDist over mask ratio: a colour per patch size, a line style per strategy. The axis of
 * AvgDist is logarithmic, so that 4-pixel and 64-pixel patches can both be read.
 */
final class AvgDistPlot {
  private static final int WIDTH = 1120;
  private static final int HEIGHT = 720;
  private static final int LEFT = 90;
  private static final int RIGHT = 210;
  private static final int TOP = 70;
  private static final int BOTTOM = 80;
  private static final int LEGEND_STEP = 26;
  private static final double DOT = 7;
  private static final Color GRID = new Color(0xDDDDDD);
  private static final Color INK = new Color(0x222222);

  /** Distinct for people with any colour vision (Okabe and Ito, 2008). */
  private static final Map<Integer, Color> COLOURS =
      Map.of(
          4, new Color(0xE69F00),
          8, new Color(0x56B4E9),
          16, new Color(0x009E73),
          32, new Color(0x0072B2),
          64, new Color(0xD55E00));

  private static final double[] TICKS = {
    0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000
  };

  private final int size;
  private final double[] ratios;
  private final List<Curve> curves;
  private final double lowest;
  private final double highest;

  /**
   * @param size side of the images, in pixels
   */
  AvgDistPlot(int size, double[] ratios, List<Curve> curves) {
    this.size = size;
    this.ratios = ratios;
    this.curves = curves;
    double least = Double.MAX_VALUE;
    double most = 0;
    for (Curve curve : curves) {
      for (double value : curve.avgDist()) {
        least = Double.isNaN(value) ? least : Math.min(least, value);
        most = Double.isNaN(value) ? most : Math.max(most, value);
      }
    }
    lowest = least / 1.2;
    highest = most * 1.2;
  }

  void write(Path target) throws IOException {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      graphics.setColor(Color.WHITE);
      graphics.fillRect(0, 0, WIDTH, HEIGHT);
      drawAxes(graphics);
      drawTitles(graphics);
      for (int i = 0; i < curves.size(); i++) {
        drawCurve(graphics, curves.get(i));
        drawLegend(graphics, curves.get(i), TOP + 40 + i * LEGEND_STEP);
      }
    } catch (InternalError | LinkageError e) {
      throw new IOException("this Java finds no fonts (install fontconfig and a font)", e);
    } finally {
      graphics.dispose();
    }
    if (!ImageIO.write(image, "png", target.toFile())) {
      throw new IOException("this Java has no PNG writer (module java.desktop)");
    }
  }

  private void drawAxes(Graphics2D graphics) {
    graphics.setFont(font(Font.PLAIN, 16));
    graphics.setStroke(new BasicStroke(1));
    for (double ratio : ratios) {
      graphics.setColor(GRID);
      graphics.draw(new Line2D.Double(x(ratio), TOP, x(ratio), HEIGHT - BOTTOM));
      graphics.setColor(INK);
      centred(graphics, number(ratio), x(ratio), HEIGHT - BOTTOM + 24);
    }
    for (double tick : TICKS) {
      if (tick >= lowest && tick <= highest) {
        graphics.setColor(GRID);
        graphics.draw(new Line2D.Double(LEFT, y(tick), WIDTH - RIGHT, y(tick)));
        graphics.setColor(INK);
        int width = graphics.getFontMetrics().stringWidth(number(tick));
        graphics.drawString(number(tick), LEFT - 10 - width, (float) y(tick) + 6);
      }
    }
    graphics.setColor(INK);
    graphics.drawRect(LEFT, TOP, WIDTH - RIGHT - LEFT, HEIGHT - BOTTOM - TOP);
  }

  private void drawTitles(Graphics2D graphics) {
    double middle = (LEFT + WIDTH - RIGHT) / 2.0;
    graphics.setColor(INK);
    graphics.setFont(font(Font.BOLD, 20));
    centred(graphics, "AvgDist of mask strategies on %d-pixel images".formatted(size), middle, 42);
    graphics.setFont(font(Font.PLAIN, 16));
    graphics.drawString("patches of … pixels", WIDTH - RIGHT + 22, TOP + 14);
    graphics.setFont(font(Font.PLAIN, 17));
    centred(graphics, "mask ratio", middle, HEIGHT - 22);
    AffineTransform upright = graphics.getTransform();
    graphics.rotate(-Math.PI / 2);
    centred(graphics, "AvgDist in pixels (logarithmic)", -(TOP + HEIGHT - BOTTOM) / 2.0, 30);
    graphics.setTransform(upright);
  }

  private void drawCurve(Graphics2D graphics, Curve curve) {
    Path2D line = new Path2D.Double();
    graphics.setColor(COLOURS.getOrDefault(curve.patchSize(), INK));
    graphics.setStroke(stroke(curve.strategy()));
    for (int i = 0; i < ratios.length; i++) {
      double value = curve.avgDist()[i];
      if (Double.isNaN(value)) {
        continue;
      }
      if (line.getCurrentPoint() == null) {
        line.moveTo(x(ratios[i]), y(value));
      } else {
        line.lineTo(x(ratios[i]), y(value));
      }
      dot(graphics, x(ratios[i]), y(value));
    }
    graphics.draw(line);
  }

  private static void drawLegend(Graphics2D graphics, Curve curve, int y) {
    int left = WIDTH - RIGHT + 22;
    graphics.setColor(COLOURS.getOrDefault(curve.patchSize(), INK));
    graphics.setStroke(stroke(curve.strategy()));
    graphics.draw(new Line2D.Double(left, y, left + 50, y));
    dot(graphics, left + 25.0, y);
    graphics.setColor(INK);
    graphics.setFont(font(Font.PLAIN, 16));
    graphics.drawString(curve.name(), left + 62, y + 6);
  }

  private static void dot(Graphics2D graphics, double x, double y) {
    graphics.fill(new Ellipse2D.Double(x - DOT / 2, y - DOT / 2, DOT, DOT));
  }

  private static BasicStroke stroke(MaskType strategy) {
    float[] dashes =
        switch (strategy) {
          case SQUARE -> new float[] {2, 5};
          case BLOCK -> new float[] {11, 6};
          default -> null;
        };
    return new BasicStroke(2.4f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, dashes, 0);
  }

  private static Font font(int style, int points) {
    return new Font(Font.SANS_SERIF, style, points);
  }

  private static void centred(Graphics2D graphics, String text, double x, double y) {
    int width = graphics.getFontMetrics().stringWidth(text);
    graphics.drawString(text, (float) (x - width / 2.0), (float) y);
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%.1f", value);
  }

  private static double x(double ratio) {
    return LEFT + ratio * (WIDTH - RIGHT - LEFT);
  }

  private double y(double value) {
    double share = Math.log(value / lowest) / Math.log(highest / lowest);
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
  }
}
