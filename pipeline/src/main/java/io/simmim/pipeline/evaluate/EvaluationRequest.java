package io.simmim.pipeline.evaluate;

import java.util.List;
import java.util.Optional;

/**
 * What is to be measured.
 *
 * @param model folder of an exported model, or output of a run
 * @param input images with classes that are learned from
 * @param validation images with classes that are classified
 * @param output folder for the result, if it is to be kept
 * @param threads that compute at once
 * @param device of the model
 */
public record EvaluationRequest(
    String model,
    List<String> input,
    List<String> validation,
    Optional<String> output,
    int threads,
    String device) {}
