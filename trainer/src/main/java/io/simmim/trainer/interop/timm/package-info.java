/** How timm lays out models. */
package io.simmim.trainer.interop.timm;
