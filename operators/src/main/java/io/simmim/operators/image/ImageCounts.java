package io.simmim.operators.image;

/**
 * What became of the images of an {@link ImagePath} since its creation.
 *
 * @param decodedByBaseline images that our own decoder decoded
 * @param decodedByOpenCv images of other kinds that OpenCV decoded
 * @param decodedByTwelveMonkeys images that OpenCV refused and TwelveMonkeys decoded
 * @param rejected images that could not be used
 */
public record ImageCounts(
    long decodedByBaseline, long decodedByOpenCv, long decodedByTwelveMonkeys, long rejected) {}
