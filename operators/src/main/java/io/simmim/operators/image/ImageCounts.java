package io.simmim.operators.image;

/**
 * What became of the images of an {@link ImagePath} since its creation.
 *
 * @param decodedByOpenCv images that OpenCV decoded
 * @param decodedByTwelveMonkeys images that OpenCV refused and TwelveMonkeys decoded
 * @param rejected images that could not be used
 */
public record ImageCounts(long decodedByOpenCv, long decodedByTwelveMonkeys, long rejected) {}
