/** Past steps of a run: their images, and which of them stand out. */
package io.simmim.pipeline.show;
