/** What tells images apart by what they show: a model without its last layer, or something simpler. */
export interface ImageEncoder {
  /** One word or name, for logs: which encoder it is. */
  readonly name: string;
  /**
   * Vector of an image, of one length for all of them.
   * @param image bytes of a PNG, JPEG or WebP file. Throws NotAnImage where they can't be decoded within the limits, anything else for its own trouble.
   */
  embed: (image: Uint8Array, signal?: AbortSignal) => Promise<Float32Array>;
  close: () => Promise<void>;
}
