package io.simmim.operators.image;

/**
 * What became of the images of an {@link ImagePath} since its creation.
 *
 * @param decodedByBaseline JPEGs of the common kind, which our own decoder decoded
 * @param decodedByPng PNGs, which our own decoder decoded
 * @param decodedByCmyk JPEGs of four components that the JDK's reader decoded
 * @param decodedByOpenCv JPEGs of other kinds that OpenCV decoded
 * @param decodedByTwelveMonkeys JPEGs that OpenCV refused and TwelveMonkeys decoded
 * @param rejected images that could not be used
 */
public record ImageCounts(
    long decodedByBaseline,
    long decodedByPng,
    long decodedByCmyk,
    long decodedByOpenCv,
    long decodedByTwelveMonkeys,
    long rejected) {}
