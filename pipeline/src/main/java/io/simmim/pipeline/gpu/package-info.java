/**
 * libtorch for CUDA on this machine: looking at driver and cards, fetching, unpacking, choosing.
 */
package io.simmim.pipeline.gpu;
