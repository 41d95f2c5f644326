/**
 * The output of a run as files: where each lies, what is deleted or moved, and what can be
 * restored.
 */
package io.simmim.pipeline.run.folder;
