/**
 * The configuration: one root record with one record per concern, read from {@code defaults.yaml},
 * a preset, a file and the command line, in this order.
 */
package io.simmim.pipeline.config;
