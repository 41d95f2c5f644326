/** Images with their classes: as they are listed, and as a run keeps them. */
package io.simmim.pipeline.labelled;
