/**
 * What storage is, for all that read and write it: whole files, folders, and why something failed.
 */
package io.simmim.schemas.storage;
