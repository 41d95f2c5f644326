/** The demo: draws images, trains a small model on them, shows what it reconstructs. */
package io.simmim.pipeline.demo;
