/** Message bytes read from disk, and files opened for it. */
export interface ReadCounts {
  bytesRead: number;
  filesRead: number;
}
