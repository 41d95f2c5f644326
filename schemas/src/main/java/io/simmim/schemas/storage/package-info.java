/**
 * What storage is, for all that read and write it: whole files, folders, why something failed, and
 * when it is tried again.
 */
package io.simmim.schemas.storage;
