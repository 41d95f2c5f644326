/** What all decoders share: the header, where pixels go, and what may be allocated. */
package io.simmim.operators.image.codec;
