/** What an MLflow tracking server is told of a run. */
package io.simmim.pipeline.mlflow;
