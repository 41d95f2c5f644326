package io.simmim.operators.image.randaugment;

/**
 * What a magnitude of 0 to 10 means to an operation: its argument, as timm computes it. Higher
 * magnitudes, where they are allowed, go on in the same way.
 */
enum Strength {
  /** There is no argument. */
  NONE(false) {
    @Override
    double of(double share, boolean negated) {
      return 0;
    }
  },
  /** 0 to 30 degrees, either way. */
  DEGREES(true) {
    @Override
    double of(double share, boolean negated) {
      return signed(share * 30.0, negated);
    }
  },
  /** 0 to 4 bits that stay. */
  BITS(false) {
    @Override
    double of(double share, boolean negated) {
      return (int) (share * 4);
    }
  },
  /** 4 to 0 bits that stay. */
  FEWER_BITS(false) {
    @Override
    double of(double share, boolean negated) {
      return 4 - BITS.of(share, negated);
    }
  },
  /** A threshold of 0 to 256 levels. */
  THRESHOLD(false) {
    @Override
    double of(double share, boolean negated) {
      return Math.min(256, (int) (share * 256));
    }
  },
  /** A threshold of 256 to 0 levels. */
  LOWER_THRESHOLD(false) {
    @Override
    double of(double share, boolean negated) {
      return 256 - THRESHOLD.of(share, negated);
    }
  },
  /** 0 to 110 levels, and never more than 128. */
  ADDED_LEVELS(false) {
    @Override
    double of(double share, boolean negated) {
      return Math.min(128, (int) (share * 110));
    }
  },
  /** A factor of 0.1 to 1.9: in the middle nothing changes. */
  FACTOR(false) {
    @Override
    double of(double share, boolean negated) {
      return share * 1.8 + 0.1;
    }
  },
  /** A factor of 1, up to 0.9 more or less, at least 0.1. */
  FACTOR_AROUND_ONE(true) {
    @Override
    double of(double share, boolean negated) {
      return Math.max(0.1, 1.0 + signed(share * 0.9, negated));
    }
  },
  /** 0 to 0.3 lines per line, either way. */
  SHEAR(true) {
    @Override
    double of(double share, boolean negated) {
      return signed(share * 0.3, negated);
    }
  },
  /** 0 to 0.45 of the side, either way. */
  SHARE_OF_SIDE(true) {
    @Override
    double of(double share, boolean negated) {
      return signed(share * 0.45, negated);
    }
  };

  private static final double FULL_MAGNITUDE = 10.0;

  private final boolean hasSign;

  Strength(boolean hasSign) {
    this.hasSign = hasSign;
  }

  /** Whether the argument goes either way. */
  boolean hasSign() {
    return hasSign;
  }

  /** The argument of an operation. */
  double argument(double magnitude, boolean negated) {
    return of(magnitude / FULL_MAGNITUDE, negated);
  }

  abstract double of(double share, boolean negated);

  private static double signed(double value, boolean negated) {
    return negated ? -value : value;
  }
}
