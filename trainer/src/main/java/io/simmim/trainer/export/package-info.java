/** The trained model as files for others, on any file system. */
package io.simmim.trainer.export;
