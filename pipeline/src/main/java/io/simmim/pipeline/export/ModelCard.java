package io.simmim.pipeline.export;

import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.trainer.interop.ForeignExport;

/** The page that people see first. */
record ModelCard(ModelFolder source, ForeignExport export) {
  String text() {
    return "# SimMIM\n";
  }
}
