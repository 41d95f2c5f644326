/**
 * What travels through the job and what is kept: immutable records, their serializers, and the
 * counter-based randomness that makes the training sequence a pure function of (seed, catalog).
 */
package io.simmim.schemas;
