/** How bytes are laid out and summed up in stored formats, once for all of them. */
package io.simmim.schemas.bytes;
