package io.simmim.pipeline.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A made-up picture: a sky or a wall, and a few shapes in front of it, each with a colour gradient
 * and some with stripes. A pure function of its number, by StrictMath on every machine.
 */
final class Picture {
  private static final int MOST_SHAPES = 4;

  /** Width of the soft edge around a shape, in pixels. */
  private static final double EDGE = 1.2;

  private final int width;
  private final int height;
  private final Paint background;
  private final List<Shape> shapes = new ArrayList<>();

  /** How inside a point is: a signed distance in pixels, negative inside. */
  private interface Outline {
    double distance(double x, double y);
  }

  private record Shape(Outline outline, Paint paint) {}

  /**
   * Colours from one end of the picture to the other, with waves of brightness along one direction.
   *
   * @param cos of the direction's angle
   * @param sin of the direction's angle
   */
  private record Paint(
      double[] from, double[] to, double cos, double sin, double waves, double depth) {
    static Paint draw(SplittableRandom random, double depth) {
      double[] from = {random.nextDouble(), random.nextDouble(), random.nextDouble()};
      double[] to = new double[3];
      double mix = 0.25 + 0.5 * random.nextDouble();
      for (int channel = 0; channel < 3; channel++) {
        to[channel] = from[channel] + mix * (random.nextDouble() - from[channel]);
      }
      double waves = random.nextDouble() < 0.35 ? 2 + 10 * random.nextDouble() : 0;
      double angle = 2 * Math.PI * random.nextDouble();
      return new Paint(from, to, StrictMath.cos(angle), StrictMath.sin(angle), waves, depth);
    }

    double value(int channel, double x, double y) {
      double along = 0.5 + 0.5 * (x * cos + y * sin);
      double wave = waves == 0 ? 0 : depth * StrictMath.sin(2 * Math.PI * waves * along);
      return from[channel] + along * (to[channel] - from[channel]) + wave;
    }
  }

  Picture(int number) {
    SplittableRandom random = new SplittableRandom(0x51AAB1E5L + 7919L * number);
    width = 128 + random.nextInt(65);
    height = 128 + random.nextInt(65);
    background = Paint.draw(random, 0.06);
    int count = 1 + random.nextInt(MOST_SHAPES);
    for (int i = 0; i < count; i++) {
      shapes.add(new Shape(outline(random), Paint.draw(random, 0.15)));
    }
  }

  private Outline outline(SplittableRandom random) {
    double centreX = width * random.nextDouble();
    double centreY = height * random.nextDouble();
    double radius = Math.min(width, height) * (0.12 + 0.3 * random.nextDouble());
    double angle = Math.PI * random.nextDouble();
    double slimness = 0.4 + 0.6 * random.nextDouble();
    double cos = StrictMath.cos(angle);
    double sin = StrictMath.sin(angle);
    return switch (random.nextInt(4)) {
      case 0 -> (x, y) -> StrictMath.hypot(x - centreX, y - centreY) - radius;
      case 1 ->
          (x, y) -> Math.abs(StrictMath.hypot(x - centreX, y - centreY) - radius) - 0.3 * radius;
      case 2 ->
          (x, y) -> {
            double u = (x - centreX) * cos + (y - centreY) * sin;
            double v = (y - centreY) * cos - (x - centreX) * sin;
            return Math.max(Math.abs(u) - radius, Math.abs(v) - slimness * radius);
          };
      default -> (x, y) -> (x - centreX) * cos + (y - centreY) * sin; // a half plane: a horizon
    };
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /** Colour of a pixel as 0xRRGGBB. */
  int rgb(int column, int row) {
    double[] colour = new double[3];
    double x = 2.0 * column / width - 1;
    double y = 2.0 * row / height - 1;
    for (int channel = 0; channel < 3; channel++) {
      colour[channel] = background.value(channel, x, y);
    }
    for (Shape shape : shapes) {
      double cover = 0.5 - shape.outline.distance(column, row) / EDGE;
      if (cover > 0) {
        double opacity = Math.min(1, cover);
        for (int channel = 0; channel < 3; channel++) {
          colour[channel] += opacity * (shape.paint.value(channel, x, y) - colour[channel]);
        }
      }
    }
    return level(colour[0]) << 16 | level(colour[1]) << 8 | level(colour[2]);
  }

  private static int level(double value) {
    return (int) Math.round(255 * Math.max(0, Math.min(1, value)));
  }
}
