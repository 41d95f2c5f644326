/** What a run needs of a Kubernetes cluster, and the manifest that asks for it. */
package io.simmim.pipeline.kubernetes;
