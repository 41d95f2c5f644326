/** What can be told about a configuration without training: tables and plots. */
package io.simmim.pipeline.analyze;
